import path from 'node:path'

/** A path with `/` between its parts. */
export function slashes(file: string): string {
  return file.split(path.sep).join('/')
}

/** Relative to the working directory, with slashes, as users would type it. */
export function displayPath(file: string, workingDirectory: string): string {
  return slashes(path.relative(workingDirectory, file)) || file
}

/** Whether `file` stands in `folder`, below it, or is the folder itself. */
export function isInside(folder: string, file: string): boolean {
  return !leadsOut(path.relative(folder, file))
}

/** Whether a relative path does not stay below where it starts. */
export function leadsOut(relative: string): boolean {
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)
}
