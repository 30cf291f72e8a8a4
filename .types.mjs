// Writes the types of the public face to dist/types: what src/index.ts exports, and the declarations that this needs.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const all = 'node_modules/.cache/kn-rollout/types'
const target = 'dist/types'

/** The statements of a file of declarations as tsc writes it: each begins in the first column, below its comment. */
function statementsOf(text) {
  const whole = []
  let comment = ''
  for (const part of text.split(/^(?=(?:export |declare |import |type |interface ))/m)) {
    // What ends a part is the comment of the next.
    const next = /(?:(?<![^\n])\/\*\*(?:(?!\*\/)[^])*\*\/\n)*$/.exec(part)?.[0] ?? ''
    whole.push(comment + part.slice(0, part.length - next.length))
    comment = next
  }
  return whole.map((statement) => {
    const code = statement.replaceAll(/\/\*[^]*?\*\//g, '').trim()
    const [, names, from] = /^(?:import|export)\s+(?:type\s+)?\{([^}]*)\} from '([^']+)';/.exec(code) ?? []
    const [, name] =
      /^(?:export )?(?:declare )?(?:abstract )?(?:type|interface|const|function|class|enum) (\w+)/.exec(code) ?? []
    const handed = (names ?? '').split(',').flatMap((one) => {
      const [own, as = own] = one
        .replace(/^\s*type\s/, '')
        .trim()
        .split(/\s+as\s+/)
      return own === '' ? [] : [{ own, as }]
    })
    return { statement, code, name, from, handed, isImport: code.startsWith('import') }
  })
}

/** What stands for a type of a package: an object, so that a part of it can be named. */
const opaque = 'Readonly<Record<string, unknown>>'
const modules = new Map()
function moduleAt(file) {
  if (!modules.has(file)) {
    const statements = statementsOf(readFileSync(path.join(all, file), 'utf8'))
    const odd = statements.find(({ code, name, from }) => !name && !from && code !== 'export {};' && code !== '')
    if (odd) throw new Error(`${file}: cannot tell what this declares: ${odd.code}`)
    modules.set(file, { statements, needed: new Set() })
  }
  return modules.get(file)
}

/** Marks what `name` of a file needs: its own declaration, and all that this mentions. */
function need(file, name) {
  const { statements, needed } = moduleAt(file)
  if (needed.has(name)) return
  needed.add(name)
  for (const { code, name: declared, from, handed } of statements) {
    const origin = handed.find(({ as }) => as === name)
    if (origin?.own && from.startsWith('.'))
      need(path.posix.join(path.posix.dirname(file), from).replace(/\.js$/, '.d.ts'), origin.own)
    if (declared !== name) continue
    const words = new Set(code.match(/\b[A-Za-z_]\w*\b/g))
    for (const other of statements)
      for (const one of [other.name, ...(other.isImport ? other.handed.map(({ as }) => as) : [])])
        if (one !== undefined && words.has(one)) need(file, one)
  }
}

function textOf({ statements, needed }) {
  const kept = statements.flatMap(({ statement, name, from, handed, isImport }) => {
    if (name !== undefined) return needed.has(name) ? [statement] : []
    const used = handed.filter(({ as }) => needed.has(as))
    if (used.length === 0) return []
    // Types of packages stand inside of what is handed through: nobody outside has to know them, or to install them.
    if (!from.startsWith('.')) return used.map(({ as }) => `type ${as} = ${opaque};\n`)
    const list = used.map(({ own, as }) => (own === as ? own : `${own} as ${as}`)).join(', ')
    return [`${isImport ? 'import type' : 'export'} { ${list} } from '${from}';\n`]
  })
  const packages = statements.flatMap(({ from = '.', handed }) =>
    from.startsWith('.') ? [] : handed.map(({ as }) => as),
  )
  const shown = packages.reduce(
    (text, name) => text.replaceAll(new RegExp(`\\b${name}\\.\\w+`, 'g'), opaque),
    kept.join(''),
  )
  return `${shown}export {};\n`
}

rmSync(all, { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'src', '--outDir', all], { stdio: 'inherit' })
for (const { handed } of moduleAt('src/index.d.ts').statements) for (const { as } of handed) need('src/index.d.ts', as)

rmSync(target, { recursive: true, force: true })
for (const [file, module] of modules) {
  mkdirSync(path.dirname(path.join(target, file)), { recursive: true })
  writeFileSync(path.join(target, file), textOf(module))
}
// The same for both kinds of modules: a file for each says which kind it is.
for (const name of ['index.d.ts', 'index.d.mts'])
  writeFileSync(path.join(target, name), "export * from './src/index.js'\n")
