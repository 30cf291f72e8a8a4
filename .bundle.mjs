// Bundles the program and the library into dist/. Set SOURCEMAP=1 to have coverage speak of src/.
import { build } from 'esbuild'

const shared = {
  bundle: true,
  minify: true,
  keepNames: true,
  legalComments: 'none',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outdir: 'dist',
  sourcemap: process.env.SOURCEMAP === '1',
  logLevel: 'warning',
  alias: {
    // The same code as ES modules, which bundle better.
    yaml: './node_modules/yaml/browser/index.js',
    // See the file: emoji tables would cost more than the program.
    'string-width': './src/cli/string-width.ts',
  },
  // Packages in CommonJS ask for Node's modules by `require`.
  banner: { js: 'import{createRequire as $require}from"node:module";const require=$require(import.meta.url);' },
}
await build({ ...shared, entryPoints: ['src/main.ts'], splitting: true })
await build({ ...shared, entryPoints: ['src/index.ts'] })
