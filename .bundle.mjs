// Bundles the program and the library into dist/. Set SOURCEMAP=1 to have coverage speak of src/.
//
// The program is bundled as CommonJS, which Node starts a third faster than ES modules. Whatever it imports lazily
// becomes a file of its own beside it.
import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { build } from 'esbuild'

const shared = {
  bundle: true,
  minify: true,
  legalComments: 'none',
  platform: 'node',
  target: 'node20',
  sourcemap: process.env.SOURCEMAP === '1',
  logLevel: 'warning',
  alias: {
    // The same code as ES modules, which bundle better.
    yaml: './node_modules/yaml/browser/index.js',
    // See the file: emoji tables would cost more than the program.
    'string-width': './src/cli/string-width.ts',
  },
}
const entries = new Map([['main', 'src/main.ts']])
const lazyFiles = {
  name: 'lazy-files',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path: wanted, kind, pluginData, ...rest }) => {
      if (kind !== 'dynamic-import' || pluginData === lazyFiles) return undefined
      const found = await resolve(wanted, { ...rest, kind, pluginData: lazyFiles })
      const name = path.basename(wanted, '.js')
      entries.set(name, found.path)
      return { path: `./${name}.js`, external: true }
    })
  },
}
for (const [name, entry] of entries) {
  await build({
    ...shared,
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    format: 'cjs',
    plugins: [lazyFiles],
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: 'const moduleUrl=require("node:url").pathToFileURL(__filename).href;' },
  })
}
writeFileSync('dist/package.json', '{"type":"commonjs"}\n')
await build({ ...shared, entryPoints: ['src/index.ts'], outfile: 'dist/index.mjs', format: 'esm' })
