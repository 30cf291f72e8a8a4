// Bundles the program and the library into dist/. Set SOURCEMAP=1 to have coverage speak of src/.
//
// The program is bundled as CommonJS, which Node starts a third faster than ES modules. Whatever it imports lazily
// becomes a file of its own, with V8's compiled code beside it: compiling takes longer than running. Where that code does
// not fit the Node that runs it, V8 compiles as ever. What Node brings along is loaded where it is asked for.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import vm from 'node:vm'

import { build } from 'esbuild'

const withSourceMaps = process.env.SOURCEMAP === '1'
const shared = {
  bundle: true,
  // Coverage is told by line, so that the lines must stay.
  minify: !withSourceMaps,
  legalComments: 'none',
  platform: 'node',
  target: 'node20',
  sourcemap: withSourceMaps,
  logLevel: 'warning',
  alias: {
    // The same code as ES modules, which bundle better.
    yaml: './node_modules/yaml/browser/index.js',
    // See the file: emoji tables would cost more than the program.
    'string-width': './src/cli/string-width.ts',
  },
}

/** Loads a bundled file with its compiled code. It stands in dist/main.js as text, so it must need nothing from here. */
function compiledRequire(plain, folder) {
  const [fs, { Script }] = [plain('node:fs'), plain('node:vm')]
  const loaded = new Map()
  return function load(id) {
    if (!id.startsWith('./')) return plain(id)
    if (loaded.has(id)) return loaded.get(id).exports
    const filename = folder + id.slice(1)
    let cachedData
    try {
      cachedData = fs.readFileSync(`${filename}.cache`)
    } catch {
      return plain(id)
    }
    const text = `(function(exports,require,module,__filename){${fs.readFileSync(filename, 'utf8')}\n})`
    const script = new Script(text, { filename, cachedData })
    const module = { exports: {} }
    loaded.set(id, module)
    script.runInThisContext()(module.exports, load, module, filename)
    return module.exports
  }
}

/**
 * V8 optimizes what has run for a while, and most runs of this program end before that has paid off: it is to wait six
 * times as long. V8 takes compiled code only under the flags that it was compiled under, and another V8 may not know this one.
 */
const patience = '--interrupt-budget=400000'
const { v8 } = process.versions
const setPatience = `if(process.versions.v8==="${v8}")require("node:v8").setFlagsFromString("${patience}");`

const entries = new Map([['main', 'src/main.ts']])
const lazyFiles = {
  name: 'lazy-files',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path: wanted, kind, pluginData, ...rest }) => {
      if (kind !== 'dynamic-import' || pluginData === lazyFiles || wanted.startsWith('node:')) return undefined
      const found = await resolve(wanted, { ...rest, kind, pluginData: lazyFiles })
      const name = path.basename(wanted, '.js')
      const other = entries.get(name) ?? found.path
      if (other !== found.path) throw new Error(`dist/${name}.js cannot hold both ${other} and ${found.path}`)
      entries.set(name, found.path)
      return { path: `./${name}.js`, external: true }
    })
  },
}
for (const [name, entry] of entries) {
  const moduleUrl = 'const moduleUrl=require("node:url").pathToFileURL(__filename).href;'
  await build({
    ...shared,
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    format: 'cjs',
    plugins: [lazyFiles],
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'moduleUrl' },
    banner: {
      js: name === 'main' ? `${setPatience}require=(${String(compiledRequire)})(require,__dirname);` : moduleUrl,
    },
  })
}
writeFileSync('dist/package.json', '{"type":"commonjs"}\n')
await build({ ...shared, entryPoints: ['src/index.ts'], outfile: 'dist/index.mjs', format: 'esm' })
if (withSourceMaps) for (const name of entries.keys()) rmSync(`dist/${name}.js.cache`, { force: true })
else await compile([...entries.keys()].filter((name) => name !== 'main' && name !== 'globby'))

/** Runs the common commands once, so that what they use is compiled, and keeps the compiled code. */
async function compile(names) {
  setFlagsFromString(patience)
  const require = createRequire(path.resolve('dist/main.js'))
  const scripts = new Map()
  const modules = new Map()
  const load = (id) => {
    const name = id.startsWith('./') ? path.basename(id, '.js') : ''
    if (!names.includes(name)) return require(id)
    if (modules.has(name)) return modules.get(name).exports
    const filename = path.resolve(`dist/${name}.js`)
    const text = `(function(exports,require,module,__filename){${readFileSync(filename, 'utf8')}\n})`
    scripts.set(name, new vm.Script(text, { filename }))
    const module = { exports: {} }
    modules.set(name, module)
    scripts.get(name).runInThisContext()(module.exports, load, module, filename)
    return module.exports
  }
  const quiet = { write: (_text, done) => done(), on: () => undefined }
  const terminal = { workingDirectory: process.cwd(), environment: {}, stdin: () => [], stdout: quiet, stderr: quiet }
  const { run } = load('./run.js')
  for (const name of names) load(`./${name}.js`)
  for (const words of [
    ['apply', 'split', 'fixtures/journey/commented/2-preview.yaml'],
    ['apply', 'pin', 'fixtures/journey/block/0-created.yaml', '--stable', 'example-service-00001'],
    ['validate', 'fixtures/rules'],
    ['status', 'fixtures/journey', '--no-git'],
    ['create', 'shop', '--image', 'example.com/shop:1.0'],
  ])
    await run({ ...terminal, arguments: words })
  for (const [name, script] of scripts) writeFileSync(`dist/${name}.js.cache`, script.createCachedData())
}
