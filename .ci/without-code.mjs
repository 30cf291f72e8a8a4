// Prints for c8 which files of src/ hold types or names of other files and nothing that could run: no test can reach a
// line of them, and `--all` would count them all as missed.
import { readdirSync, readFileSync } from 'node:fs'

import { transformSync } from 'esbuild'

/** Statements that hand on what stands elsewhere; all other exports have a body or a value. */
const passing = /^(?:import|export)\b(?:[^;="]*\bfrom)? "[^"]*"(?: with \{[^}]*\})?;$/gm

const files = readdirSync('src', { recursive: true }).map((name) => name.replaceAll('\\', '/'))
for (const name of files.filter((one) => /(?<!\.d)\.ts$/.test(one)).toSorted()) {
  const { code } = transformSync(readFileSync(`src/${name}`, 'utf8'), { loader: 'ts' })
  if (code.replaceAll(passing, '').trim() === '') console.log(`--exclude=**/src/${name}`)
}
