// What programs import: the bundle that the package exports, and the types beside it.
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type * as source from '../src/index.js'
import { service } from './cli/manifests.js'

const root = new URL('../', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  readonly exports: {
    readonly '.': Readonly<Record<'import' | 'require', { readonly types: string; readonly default: string }>>
  }
}
const face = manifest.exports['.'].import
const { applyEdits, fix, plan, stages, statusOf, builtInPlans } = (await import(
  new URL(face.default, root).href
)) as typeof source

const traffic = `  traffic:
    - revisionName: example-service-00001
      percent: 100
    - revisionName: example-service-00002
      percent: 0
      tag: v2
`
const file = { path: 'shop.yaml', text: service(traffic) }

const test = suite('public')

test('plan moves, and its edits give its text', () => {
  const { changes, diagnostics } = plan([file], { move: { command: 'apply', stage: 'split' } })
  assert.equal(diagnostics, [])
  const [change] = changes
  assert.is(applyEdits(file.text, change?.edits ?? []), change?.text)
  assert.match(change?.patch ?? '', /\+ {6}percent: 50\n/)
})

test('fix mends, and says where in the text that it was given', () => {
  const broken = { ...file, text: file.text.replace('percent: 100', 'percent: "100"') }
  const { changes, fixes } = fix([broken], {})
  assert.is(changes[0]?.text, file.text)
  const [range] = fixes?.map((one) => one.range) ?? []
  assert.is(broken.text.slice(range?.start, range?.end), '"100"')
})

test('statusOf tells the stage', () => {
  assert.equal(
    statusOf([file], {}).rows.map(({ name, stage, next }) => [name, stage, next?.stage]),
    [['example-service', 'preview', 'split']],
  )
})

test('stages and plans are data', () => {
  assert.ok(stages.some(({ name }) => name === 'rollback'))
  assert.equal(
    builtInPlans.map(({ name }) => name),
    ['blue-green', 'canary'],
  )
})

test('it is one library, however it is loaded', () => {
  const required = createRequire(import.meta.url)(
    fileURLToPath(new URL(manifest.exports['.'].require.default, root)),
  ) as typeof source
  assert.is(required.plan, plan)
  assert.equal(Object.keys(required).toSorted(), ['applyEdits', 'builtInPlans', 'fix', 'plan', 'stages', 'statusOf'])
})

test('the types are those of what is exported, and need no package', () => {
  const folder = new URL('dist/types/', root)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.d\.m?ts$/.test(name))
  assert.ok(files.length > 20)
  for (const name of files) {
    const wanted = [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\bfrom '([^']+)'/g)].map(
      ([, from = '']) => from,
    )
    assert.equal(
      wanted.filter((from) => !from.startsWith('.')),
      [],
      name,
    )
    assert.not.match(name, /cli\/|io\/|report\//)
  }
})

test('every export says what it is', () => {
  const [, entry = ''] = /^export \* from '([^']+)'\n$/.exec(readFileSync(new URL(face.types, root), 'utf8')) ?? []
  const place = new URL(entry.replace(/\.js$/, '.d.ts'), new URL(face.types, root))
  const types = readFileSync(place, 'utf8')
  const undocumented = [...types.matchAll(/export (?:type )?\{ ([^}]+) \} from '([^']+)'/g)].flatMap(
    ([, names = '', from = '']) => {
      const text = readFileSync(new URL(from.replace(/\.js$/, '.d.ts'), place), 'utf8')
      return names
        .split(', ')
        .map((name) => name.replace(/^type /, ''))
        .filter((name) => !new RegExp(`\\*/\\nexport (?:declare )?(?:type|function|const) ${name}\\b`).test(text))
    },
  )
  assert.ok(types.includes('MoveRequest') && types.includes('statusOf'))
  assert.equal(undocumented, [])
})

test.run()
