/** A file as SARIF names it: a percent-encoded reference, by the root of the repository where the file is below it. */
export type ArtifactLocation = { readonly uri: string; readonly uriBaseId?: '%SRCROOT%' }

/** The location of a file whose name is relative to the root of the repository, or absolute, with `/`. */
export function uriOf(file: string): ArtifactLocation {
  const encoded = file
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
  if (file.startsWith('/')) return { uri: `file://${encoded}` }
  if (/^[A-Za-z]:\//.test(file)) return { uri: `file:///${encoded.replace('%3A', ':')}` }
  return file.startsWith('../') ? { uri: encoded } : { uri: encoded, uriBaseId: '%SRCROOT%' }
}
