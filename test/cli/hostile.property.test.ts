// Whatever a stranger writes wherever a repository takes text, no report acts on a terminal, a reader or a runner. Another
// seed or more cases: `KN_SEED=7 KN_RUNS=200 node test/run.mjs cli/hostile`.
import * as fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { asComment, asName, assertQuiet, attacks } from './hostile.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const seed = Number(process.env['KN_SEED'] ?? 20_261_122)
const numRuns = Number(process.env['KN_RUNS'] ?? 2)

/** A text for each place of a repository. */
type Texts = {
  readonly file: string
  readonly name: string
  readonly namespace: string
  readonly revision: string
  readonly tag: string
  readonly key: string
  readonly comment: string
  readonly entry: string
}

/** The text as YAML in quotes: whatever YAML refuses raw is an escape, and comes through. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll(/[\uD800-\uDFFF]/gu, '_')).replaceAll(/[^ -~]/gu, (character) => {
    return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`
  })
}

function filesFor({ file, name, namespace, revision, tag, key, comment, entry }: Texts): Record<string, string> {
  const traffic = `  traffic:
    - revisionName: ${quoted(revision)}
      percent: 90 # ${asComment(comment)}
      tag: ${quoted(tag)}
      ${quoted(key)}: 1
`
  const odd = service(traffic, {
    name: quoted(name),
    namespace: quoted(namespace),
    revision: quoted(revision),
  }).replace('spec:\n', `  annotations: {${quoted(key)}: ${quoted(entry)}}\nspec:\n`)
  const pinned = `  traffic:
    # ${asComment(comment)}
    - revisionName: shop-v1 # ${asComment(comment)}
      percent: 100
    - revisionName: shop-v2
      percent: 0 # ${asComment(entry)}
`
  const shop = service(pinned, { name: 'shop', revision: 'shop-v2' })
  return {
    [`apps/${asName(file)}.yaml`]: odd,
    [`moved/${asName(entry)}/${asName(file)}.yaml`]: shop,
    'apps/broken.yaml': `${shop}${asComment(key)}: [ ${asComment(comment)}\n  "\n`,
    'kustomized/kustomization.yaml': `namespace: ${quoted(namespace)}\nresources: [${quoted(entry)}, shop.yaml]\npatches:\n  - path: ${quoted(key)}\n  - target: {kind: Service, name: ${quoted(name)}}\n    patch: ${quoted(entry)}\nimages: [{name: ${quoted(tag)}, newTag: ${quoted(tag)}}]\n`,
    'kustomized/shop.yaml': shop,
  }
}

/** The lines that the program itself has for a runner. */
const isAnnotation = (line: string): boolean =>
  /^::(?:error|warning|notice) (?:file=[^:]*,)?(?:line=\d+,endLine=\d+,(?:col=\d+,endColumn=\d+,)?)?title=KN\d+ [\w-]+::/.test(
    line,
  )

function parseXml(text: string): void {
  const parser = new SaxesParser()
  parser.on('error', (error) => assert.unreachable(error.message))
  parser.write(text).close()
}

const formats = ['json', 'text', 'github', 'gitlab', 'sarif', 'junit', 'markdown', 'rdjsonl'] as const

/** Where a run leaves the report of a format: the first goes to stdout. */
const placeOf = (format: string): string => (format === formats[0] ? '-' : `.git/report.${format}`)

function checkReports(box: Sandbox): void {
  for (const args of [
    ['validate', '.'],
    ['check', '--since', 'HEAD~1', '.'],
    ['apply', 'split', 'moved'],
  ]) {
    const { status, stdout, stderr } = box.run([
      ...args,
      ...formats.flatMap((format) => ['--format', format, '--output', placeOf(format)]),
    ])
    assert.ok(status !== 3, stderr)
    assertQuiet(stderr, `${args.join(' ')}: stderr`)
    for (const format of formats) {
      const report = placeOf(format) === '-' ? stdout : box.read(placeOf(format))
      if (args[0] === 'apply' && format === 'text') continue
      assertQuiet(report, `${args.join(' ')} --format ${format}`, format === 'github' ? isAnnotation : undefined)
      if (['json', 'gitlab', 'sarif'].includes(format)) JSON.parse(report)
      if (format === 'junit') parseXml(report)
    }
  }
  // What is printed is what people and runners read first.
  for (const format of ['text', 'github', 'markdown']) {
    const { stdout, stderr } = box.run(['check', '--since', 'HEAD~1', '.', '--format', format])
    assertQuiet(stdout + stderr, `check --format ${format}`, format === 'github' ? isAnnotation : undefined)
  }
  for (const format of ['text', 'json', 'markdown']) {
    const { stdout, stderr } = box.run(['status', '--format', format])
    assertQuiet(stdout + stderr, `status --format ${format}`)
  }
}

function checkOthers(box: Sandbox, texts: Texts): void {
  const { file, name, tag, key } = texts
  const odd = `apps/${asName(file)}.yaml`
  for (const args of [
    ['apply', 'pin', '--all', '.'],
    ['apply', asName(key), '.'],
    ['set', odd, '--traffic', `${asName(tag)}=1`],
    ['validate', `nowhere/${asName(file)}`],
    ['validate', '-s', asName(name)],
    ['explain', asName(key)],
    [asName(key)],
    ['validate', `--${asName(key)}`],
    ['next', '--all', 'moved'],
    ['__complete', '--', 'set', '--untag', ''],
  ]) {
    const { stdout, stderr } = box.run(args)
    assertQuiet(stderr, args.join(' '))
    if (stdout.startsWith('diff ')) continue
    assertQuiet(stdout, args.join(' '))
  }
  const items = [box.read(odd)].map((text) => `- ${text.replaceAll('\n', '\n  ')}`).join('\n')
  const list = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${items}\n`
  const ran = box.run(['fn'], { stdin: list })
  assertQuiet(ran.stderr, 'fn')
  const { results = [] } = (parse(ran.stdout) ?? {}) as { readonly results?: readonly { readonly message: string }[] }
  for (const { message } of results) assertQuiet(message, 'a result of fn')
  box.write({
    '.kn-rollout.yaml': `plan: ${quoted(name)}\nplans: {${quoted(key)}: [${quoted(tag)}]}\n${quoted(key)}: 1\n`,
  })
  for (const args of [['stages'], ['validate'], ['stages', '--format', 'json']]) {
    const { stdout, stderr } = box.run(args)
    assertQuiet(stdout + stderr, `${args.join(' ')} with a configuration`)
  }
}

function checkPatch(box: Sandbox): void {
  const { status, stdout, stderr } = box.run(['apply', 'split', 'moved'])
  assert.is(status, 0, stderr)
  assert.is(
    /[^\P{C}\n\t]/u.test(stdout.replaceAll(/^(?:diff|---|\+\+\+).*$/gm, '')),
    /^warning: the diff has/m.test(stderr),
  )
  for (const line of stdout.split('\n').filter((one) => /^(?:diff |--- |\+\+\+ )/.test(one)))
    assertQuiet(line, 'a header')
  box.gitWith({ stdin: stdout }, 'apply')
  assert.is(box.run(['apply', 'split', 'moved', '--check']).status, 0)
}

function check(texts: Texts): void {
  const box = Sandbox.committed({ readme: 'x' })
  box.write(filesFor(texts))
  box.commit()
  checkReports(box)
  checkPatch(box)
  checkOthers(box, texts)
  box.remove()
}

const test = suite('hostile')

// Several at once, as each run of the program takes its time; the first one stands where a line begins.
const together = 6
for (let first = 0; first < attacks.length; first += together) {
  const text = attacks.slice(first, first + together).join(' ')
  test(`${JSON.stringify(text)} everywhere`, () => {
    const texts = { file: text, name: text, namespace: text, revision: text, tag: text, key: text }
    check({ ...texts, comment: text, entry: text })
  })
}

test('any of them anywhere, and any text', () => {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...attacks) },
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  const text = fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''))
  const texts = fc.record({
    file: text,
    name: text,
    namespace: text,
    revision: text,
    tag: text,
    key: text,
    comment: text,
    entry: text,
  })
  fc.assert(fc.property(texts, check), { seed, numRuns })
})

test.run()
