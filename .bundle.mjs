// Bundles the program and the library into dist/. Set SOURCEMAP=1 to have coverage speak of src/.
//
// All of it is CommonJS, which Node starts a third faster than ES modules. Every file costs a part of a millisecond, so
// what most commands need is one, and what src/ imports lazily are few. The program is loaded by dist/main.js (see
// src/cli/compiled.ts).
import { createHash } from 'node:crypto'
import { appendFileSync, chmodSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

import { build } from 'rolldown'

import { notices } from './.notices.mjs'

const requireHere = createRequire(import.meta.url)
const withSourceMaps = process.env.SOURCEMAP === '1'

/**
 * Where the program begins, and what it imports lazily but runs wherever it reads manifests or a repository is looked over
 * day by day: one file, with what they import. Code that is compiled is kept for this file alone (src/cli/compiled.ts).
 */
const ofProgram = new Set(
  [
    'src/cli/run.ts',
    'src/cli/commands/check.ts',
    'src/cli/commands/status.ts',
    'src/cli/commands/status-work.ts',
    'src/pipeline/plan.ts',
    'src/io/history.ts',
    'src/io/surroundings.ts',
    'src/kustomize/patch-paths.ts',
  ].map((name) => realpathSync(name)),
)
/** What is large and needed by few: each has a file of its own, as packages have. All else that is imported lazily shares one. */
const rare = new Set(
  ['src/cli/compile-schema.ts', 'src/lsp/server.ts', 'src/pipeline/explain.ts', 'src/report/sarif.ts'].map((name) =>
    realpathSync(name),
  ),
)
const lazy = new Set()
const collected = {
  name: 'collected',
  moduleParsed({ dynamicallyImportedIds }) {
    for (const id of dynamicallyImportedIds)
      if (id.startsWith(realpathSync('src')) && !ofProgram.has(id) && !rare.has(id)) lazy.add(id)
  },
}
const groups = [
  { name: 'program', test: (id) => ofProgram.has(id), priority: 1 },
  { name: 'more', test: (id) => lazy.has(id) },
]

/** What of Node's own modules src/ imports by name. */
const used = new Map()
for (const name of readdirSync('src', { recursive: true }).filter((one) => one.endsWith('.ts'))) {
  const text = readFileSync(path.join('src', name), 'utf8')
  for (const [, list, from] of text.matchAll(/^import (?:\w+, )?\{([^}]*)\} from '(node:\w+)'$/gm)) {
    const names = list.split(',').map((one) => one.trim())
    const known = used.get(from) ?? used.set(from, new Set()).get(from)
    for (const one of names) if (one !== '' && !/^type |\s/.test(one)) known.add(one)
  }
}

/**
 * Node's own modules are asked once for what is used of them. What Node has not loaded by the time that the program starts is
 * loaded when it is used: node:crypto alone takes longer than many a command.
 */
const builtins = {
  name: 'builtins',
  resolveId(name, importer, { kind }) {
    const isOwn = name.startsWith('node:') && kind === 'import-statement' && /[/\\]src[/\\]/.test(importer)
    return isOwn ? `\0own ${name}` : undefined
  },
  load(id) {
    if (!id.startsWith('\0own ')) return undefined
    const name = id.slice('\0own '.length)
    const names = [...(used.get(name) ?? [])]
    if (/^node:(?:fs|path|module|vm|url|process)$/.test(name))
      return `const all = require('${name}')\nexport default all\nexport const { ${names.join(', ')} } = all`
    const functions = names.map((one) => `export const ${one} = (...given) => require('${name}').${one}(...given)`)
    const rest = `export default new Proxy({}, { get: (_, one) => require('${name}')[one] })`
    return [...functions, rest].join('\n')
  },
}

/**
 * The reasons of the codes, which stand beside what finds them and are printed by few runs: a file of their own, by the
 * order in which they were met. The examples of the codes are another one. The program and the library share both.
 */
const reasons = []
const indexOf = (reason) => (reasons.includes(reason) ? reasons.indexOf(reason) : reasons.push(reason) - 1)
const apart = {
  name: 'reasons',
  resolveId: (name) => (/^\.\/(?:reasons|examples)\.js$/.test(name) ? { id: name, external: true } : undefined),
  transform(code, id) {
    if (/[/\\]codes[/\\]examples\.ts$/.test(id))
      return { code: "export const examples = () => require('./examples.js')", map: null }
    if (!/[/\\]src[/\\]/.test(id) || !code.includes('why: () =>')) return undefined
    const text = /(?<=\bwhy: \(\) =>\s*)('(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")/g
    const shorter = code.replaceAll(text, (reason) => `require('./reasons.js')[${indexOf(reason)}]`)
    // Its lines stay, and coverage is told by line.
    return { code: shorter, map: null }
  },
}

const inputs = new Set()
async function bundle(input, { defined = {}, plugins = [], ...more } = {}) {
  const { output } = await build({
    input,
    platform: 'node',
    experimental: { attachDebugInfo: 'none' },
    preserveEntrySignatures: 'allow-extension',
    transform: { target: 'node20', define: defined },
    resolve: {
      alias: {
        // The same code as ES modules, which bundle better.
        yaml: path.resolve('node_modules/yaml/browser/index.js'),
        // See the file: emoji tables would cost more than the program.
        'string-width': path.resolve('src/cli/string-width.ts'),
      },
    },
    // yargs asks for what CommonJS has not, and src/ imports lazily what is in one file in the end.
    checks: { emptyImportMeta: false, ineffectiveDynamicImport: false },
    plugins: [collected, builtins, ...plugins],
    output: {
      dir: 'dist',
      format: 'cjs',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      // Coverage is told by line, so that the lines must stay.
      minify: !withSourceMaps,
      comments: false,
      sourcemap: withSourceMaps ? 'inline' : false,
      // Coverage looks for a source where its path says before it asks what that is relative to.
      sourcemapPathTransform: (source) => path.resolve('dist', source),
      // The program is read as Latin 1.
      charset: 'ascii',
      strict: true,
      dynamicImportInCjs: false,
      externalLiveBindings: false,
      codeSplitting: false,
      ...more,
    },
  })
  for (const { modules } of output)
    for (const [file, { renderedLength }] of Object.entries(modules ?? {})) if (renderedLength > 0) inputs.add(file)
}

for (const name of readdirSync('dist')) if (name !== 'validators') rmSync(`dist/${name}`, { recursive: true })
writeFileSync('dist/package.json', '{"type":"commonjs"}\n')
await bundle({ program: 'src/cli/run.ts', index: 'src/index.ts' }, { codeSplitting: { groups }, plugins: [apart] })
// One function, and the few functions that rolldown adds to several files are part of it: one file less is opened.
const runtime = './rolldown-runtime.js'
const program = readFileSync('dist/program.js', 'latin1').replace(`require("${runtime}")`, () => {
  return `((exports)=>{${readFileSync(path.join('dist', runtime), 'latin1').replaceAll('\n', ' ')};return exports})({})`
})
// One function as Node makes it of a module: main.js gets it to call, and whoever requires the file has it called.
const given = 'exports,require,module,__filename,__dirname'
const called = `(load=>typeof module==="undefined"?load:load(${given}))`
writeFileSync('dist/program.js', `${called}((function(${given}){${program}\n}))`, 'latin1')
const hash = createHash('sha256').update(readFileSync('dist/program.js')).digest('hex')
await bundle({ main: 'src/main.ts' }, { defined: { PROGRAM_HASH: JSON.stringify(hash) } })
chmodSync('dist/main.js', 0o755)
if (reasons.length === 0) throw new Error('no reason of a code was found')
writeFileSync('dist/reasons.js', `module.exports = [\n${reasons.join(',\n')}\n]\n`)
const { default: examples } = await import('./dist/validators/examples.mjs')
writeFileSync('dist/examples.js', `module.exports = ${JSON.stringify(examples)}\n`)

const library = requireHere('./dist/index.js')
writeFileSync(
  'dist/index.mjs',
  `import library from './index.js'\n\nexport const { ${Object.keys(library).join(', ')} } = library\n`,
)
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', notices(inputs))

/** No editor starts the action: it goes without the server for one. */
const serverless = {
  name: 'serverless',
  load: (id) => (/[/\\]src[/\\]lsp[/\\]server\.ts$/.test(id) ? 'export const serve = undefined' : undefined),
}
// The action and the program in one file, with the licences at its end: it goes around alone.
await bundle(
  { action: './.action/main.ts' },
  { plugins: [serverless], minify: true, sourcemap: false, entryFileNames: '[name].cjs' },
)
const licences = notices(inputs).replaceAll('*/', '* /')
appendFileSync('dist/action.cjs', `/*\n${licences}*/\n`)

// Where the one executable begins (see .executable/build.mjs, which puts the files of the program beside it).
await bundle({ executable: './.executable/main.ts' }, { minify: true, sourcemap: false, entryFileNames: '[name].cjs' })
