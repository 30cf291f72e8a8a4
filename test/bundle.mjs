// Bundles the test files and all of src/ that they share, once: Node starts such a file four times as fast as one that is
// compiled on the way.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

import { build } from 'esbuild'

/** A bundled file stands elsewhere, yet what it reads stands beside its source. */
const inPlace = {
  name: 'in-place',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\](?:src|test)[/\\].*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }))
  },
}

/** Writes a bundle for each of these files of `folder` to the same place below `output`, as `NAME.test.mjs`. */
export async function bundle(folder, names, output) {
  await build({
    entryPoints: names.map((name) => `${folder}${name}`),
    outbase: folder,
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    // What nothing calls must be there to be seen as such.
    treeShaking: process.env.NODE_V8_COVERAGE === undefined,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [inPlace],
  })
}
