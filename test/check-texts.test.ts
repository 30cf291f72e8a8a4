// A change judged from the texts of its two sides, without Git.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { check, type Side } from '../src/pipeline/check.js'
import type { SourceFile } from '../src/text/source.js'
import { at } from './rollouts.js'

const file = (text: string, path = 'shop.yaml'): SourceFile => ({ path, text })
const found = (base: Side, head: Side): readonly string[] =>
  check(base, head, { now: 1 }).diagnostics.map(
    ({ severity, code, file: where, range }) => `${severity} ${code} ${where}${range ? '' : ' whole'}`,
  )

const [preview, promoted] = [at('v1=100 v2=0:t', 'v2', 'shop'), at('v1=0 v2=100:t', 'v2', 'shop')]

const test = suite('check')

test('what happens on the way is judged', () => {
  assert.equal(found(file(preview), file(promoted)), ['warning KN515 shop.yaml', 'note KN521 shop.yaml'])
  const image = preview.replace(/image: (\S+)/, 'image: $1-next')
  assert.not.equal(image, preview)
  assert.equal(found(file(preview), file(image))[0], 'error KN501 shop.yaml')
})

test('a path that one side lacks is a new or a removed file, and a file that moved is neither', () => {
  assert.equal(found([file(preview)], []), ['warning KN519 shop.yaml whole'])
  assert.equal(found([], [file(preview)])[0], 'error KN503 shop.yaml')
  assert.not.match(found([file(preview)], [file(preview, 'moved.yaml')]).join('\n'), /KN519|error/)
})

test('files that did not change are not judged', () => {
  const broken = file(preview.replace('percent: 100', 'percent: 90'), 'other.yaml')
  assert.equal(found([broken, file(preview)], [broken, file(preview)]), [])
  assert.not.match(found([broken, file(preview)], [broken, file(promoted)]).join('\n'), 'KN301')
  assert.match(found([file(preview)], [broken, file(preview)]).join('\n'), 'error KN301 other.yaml')
})

test('a kustomization counts: what it makes of a Service that did not change is judged at its line', () => {
  const own = file(preview, 'base/shop.yaml')
  const root = (more: string): SourceFile => file(`resources: [../base/shop.yaml]\n${more}`, 'prod/kustomization.yaml')
  const image = /image: ([^\s:]+)/.exec(preview)?.[1]
  const bumped = root(`images: [{name: ${image}, newTag: "9"}]\n`)
  assert.match(found([own, root('')], [own, bumped]).join('\n'), 'error KN501 prod/kustomization.yaml')
})

test('a Service that has the same fields and values as before is said to be unchanged', () => {
  const [shop, cart] = [at('v1=100 v2=0:t', 'v2', 'shop'), at('v1=100 v2=0:t', 'v2', 'cart')]
  const head = `# a remark\n${cart}---\n${at('v1=50 v2=50:t', 'v2', 'shop')}---\n${at('v1=100', 'v1', 'new')}`
  const { services } = check(file(`${shop}---\n${cart}`), file(head), { now: 1 })
  assert.equal(
    services.map(({ name, way }) => [name, way?.isUnchanged]),
    [
      ['cart', true],
      ['shop', undefined],
      ['new', undefined],
    ],
  )
})

test('what older commits would tell is said to be not checked, unless they are given', () => {
  const renamed = at('v1=100 v2=0:t', 'v3', 'shop')
  assert.match(found(file(preview), file(renamed)).join('\n'), 'note KN521')
  const histories = new Map([
    ['shop.yaml', { versions: [{ commit: 'a'.repeat(40), time: 1, path: 'shop.yaml', text: preview }], isCut: false }],
  ])
  const told = check(file(preview), file(renamed), { now: 1, histories })
  assert.equal(
    told.diagnostics.filter(({ code }) => code === 'KN521'),
    [],
  )
})

test('the configuration that is given judges', () => {
  const configuration = { path: '.kn-rollout.yaml', text: 'rules: {KN515: error}\n' }
  const { diagnostics } = check(file(preview), file(promoted), { now: 1, configuration })
  assert.is(diagnostics.find(({ code }) => code === 'KN515')?.severity, 'error')
})

test.run()
