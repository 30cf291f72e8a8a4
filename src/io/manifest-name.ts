/** The pathspecs of the files that can hold manifests, for Git. */
export const manifestFiles = ['*.yaml', '*.yml', '*.json'] as const

/** The same for globs. */
export const manifestGlob = '**/*.{yaml,yml,json}'

/** Whether a file can hold manifests, by its name. */
export function isManifestFile(file: string): boolean {
  return /\.(?:yaml|yml|json)$/.test(file)
}
