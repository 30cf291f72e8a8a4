// Bundles the program and the library into dist/. Set SOURCEMAP=1 to have coverage speak of src/.
//
// All of it is CommonJS, which Node starts a third faster than ES modules. Every file costs a part of a millisecond, so
// the program is one: what src/ imports lazily runs when it is asked for, but only packages and data that few commands need have
// files of their own. The program is loaded by dist/main.js (see src/cli/compiled.ts).
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

import { build } from 'esbuild'

import { notices } from './.notices.mjs'

const requireHere = createRequire(import.meta.url)
const withSourceMaps = process.env.SOURCEMAP === '1'
const moduleUrl = 'const moduleUrl=require("node:url").pathToFileURL(__filename).href;'

/** What is large and rarely needed, though src/ does not import it lazily: only files that are imported lazily do. */
const rare = new Set(['ajv', 'ajv/dist/2020.js', '#validators/examples.mjs'])

/** What becomes a file of its own: the modules in it by its name. */
const apart = new Map()
const ownFiles = {
  name: 'own-files',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path: name, kind, importer }) => {
      const isApart = rare.has(name) || (kind === 'dynamic-import' && !name.startsWith('node:'))
      if (!isApart || importer === '<stdin>') return undefined
      const file = name.replace(/^#/, '').split('/')[name.startsWith('#') ? 1 : 0].replace('.mjs', '')
      apart.set(file, (apart.get(file) ?? new Set()).add(name))
      return { path: `./${file}.js`, external: true }
    })
  },
}

/** What of Node's own modules src/ imports by name. */
const used = new Map()
for (const name of readdirSync('src', { recursive: true }).filter((one) => one.endsWith('.ts'))) {
  const text = readFileSync(path.join('src', name), 'utf8')
  for (const [, list, from] of text.matchAll(/^import \{([^}]*)\} from '(node:\w+)'$/gm)) {
    const names = list.split(',').map((one) => one.trim())
    const known = used.get(from) ?? used.set(from, new Set()).get(from)
    for (const one of names) if (one !== '' && !/^type |\s/.test(one)) known.add(one)
  }
}

/**
 * Node's own modules are asked once for what is used of them: left to itself, each file that imports one copies all its
 * members. What Node has not loaded by the time that the program starts is loaded when it is used: node:crypto alone takes
 * longer than many a command.
 */
const builtins = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path: name, kind, importer }) => {
      const isOwn = kind === 'import-statement' && /[/\\]src[/\\]/.test(importer)
      return isOwn ? { path: name, namespace: 'builtin' } : undefined
    })
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path: name }) => {
      const names = [...(used.get(name) ?? [])]
      if (/^node:(?:fs|path|module|vm|url|process)$/.test(name))
        return {
          contents: `const all = require('${name}')\nexport default all\nexport const { ${names.join(', ')} } = all`,
        }
      const functions = names.map((one) => `export const ${one} = (...given) => require('${name}').${one}(...given)`)
      const rest = `export default new Proxy({}, { get: (_, one) => require('${name}')[one] })`
      return { contents: [...functions, rest].join('\n') }
    })
  },
}

/** Coverage looks for a source where its path says before it asks what that is relative to. */
function withAbsoluteSources(file) {
  const mapped = /(?<=sourceMappingURL=data:application\/json;base64,)\S+/
  writeFileSync(file, readFileSync(file, 'utf8').replace(mapped, absoluteSources))
}

function absoluteSources(data) {
  const map = JSON.parse(Buffer.from(data, 'base64').toString('utf8'))
  const sources = map.sources.map((source) => path.resolve('dist', source))
  return Buffer.from(JSON.stringify({ ...map, sources })).toString('base64')
}

const inputs = new Set()
async function bundle(name, entry, { defined, ...wrapping } = {}) {
  const { metafile } = await build({
    ...entry,
    outfile: `dist/${name}.js`,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Coverage is told by line, so that the lines must stay.
    minify: !withSourceMaps,
    legalComments: 'none',
    logLevel: 'warning',
    sourcemap: withSourceMaps ? 'inline' : false,
    metafile: true,
    // The program is read as Latin 1.
    charset: 'ascii',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'moduleUrl', ...defined },
    banner: { js: moduleUrl },
    ...wrapping,
    plugins: [ownFiles, builtins],
    alias: {
      // The same code as ES modules, which bundle better.
      yaml: './node_modules/yaml/browser/index.js',
      // See the file: emoji tables would cost more than the program.
      'string-width': './src/cli/string-width.ts',
    },
  })
  if (withSourceMaps) withAbsoluteSources(`dist/${name}.js`)
  const [output] = Object.values(metafile.outputs)
  for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) if (bytesInOutput > 0) inputs.add(file)
}

for (const name of readdirSync('dist')) if (name !== 'validators') rmSync(`dist/${name}`, { recursive: true })
writeFileSync('dist/package.json', '{"type":"commonjs"}\n')
await bundle(
  'program',
  { entryPoints: ['src/cli/run.ts'] },
  { banner: { js: '(function(exports,require,module,__filename,__dirname){' }, footer: { js: '})' } },
)
const hash = createHash('sha256').update(readFileSync('dist/program.js')).digest('hex')
await bundle('main', { entryPoints: ['src/main.ts'] }, { defined: { PROGRAM_HASH: JSON.stringify(hash) } })
await bundle('index', { entryPoints: ['src/index.ts'] })
for (const [file, names] of apart) {
  const modules = [...names].map((name) => `require('${name}')`)
  const contents =
    modules.length === 1
      ? `const all = ${modules[0]}; module.exports = all.default ?? all`
      : `module.exports = { ${modules.map((one) => `...${one}`).join(', ')} }`
  await bundle(file, { stdin: { contents, resolveDir: '.' } })
}

const library = requireHere('./dist/index.js')
writeFileSync(
  'dist/index.mjs',
  `import library from './index.js'\n\nexport const { ${Object.keys(library).join(', ')} } = library\n`,
)
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', notices(inputs))
