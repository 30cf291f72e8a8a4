// One question, one answer: whatever is asked of a file besides, the same is said of its YAML, its shape and its rules.
import { readdirSync, readFileSync } from 'node:fs'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { findManifests } from '../src/manifest/find.js'
import { profileOf } from '../src/manifest/profile.js'
import { fix } from '../src/pipeline/fix.js'
import { runFunction } from '../src/pipeline/function.js'
import { plan } from '../src/pipeline/plan.js'
import type { Request } from '../src/pipeline/request.js'
import { judge, rules } from '../src/rules/judge.js'
import type { Diagnostic } from '../src/text/diagnostic.js'
import type { SourceFile } from '../src/text/source.js'

const test = suite('agreement of what is asked')

const folders = ['rules', 'overlays', 'kustomize', 'layouts', 'journey', 'examples', 'fix', 'guards']
const files = folders.flatMap((folder) => {
  const root = new URL(`../fixtures/${folder}/`, import.meta.url)
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
  return names.map((name) => ({ path: `${folder}/${name}`, text: readFileSync(new URL(name, root), 'utf8') }))
})

/** What is said of YAML, schema, rules and kustomizations, each as one line of text. */
function told(text: string, diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics
    .filter(({ code }) => /^KN[1236]/.test(code))
    .map(({ code, severity, range }) => `${text.slice(0, range?.start).split('\n').length} ${severity} ${code}`)
    .toSorted()
}

/** What stands above the first item of a list, as many comments above a document of its own. */
const head = 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n  -\n'

const fresh: Request = {
  base: { files: [], isEmpty: true },
}

const isAboutComments = (one: string): boolean => one.endsWith('KN190')

for (const file of files) {
  const { path, text } = file
  const enabled = path.startsWith('rules/') ? { enabled: [path.slice(-10, -5)] } : {}
  const validated = (one: SourceFile): readonly string[] => told(one.text, plan([one], enabled).diagnostics)
  // A comment that a change brings along silences nothing of it.
  const isQuiet = text.includes('# kn-rollout: ignore')
  test(`${path}: a change judges it as validate does`, () => {
    const found = told(text, plan([file], { ...enabled, ...fresh }).diagnostics)
    if (isQuiet)
      assert.equal(
        validated(file).filter((one) => !found.includes(one)),
        [],
      )
    else assert.equal(found, validated(file))
  })
  test(`${path}: --fix leaves what validate says of the mended file`, () => {
    const { changes, diagnostics } = fix([file], enabled, true)
    const mended = changes[0]?.text ?? text
    assert.equal(told(mended, diagnostics), validated({ path, text: mended }))
  })
  test(`${path}: apply says what validate says, and leaves what it says of the edited file`, () => {
    const { changes, diagnostics } = plan([file], {
      ...enabled,
      all: true,
      move: { command: 'apply', stage: 'retire' },
    })
    const edited = changes[0]?.text ?? text
    // Where something is edited, the lines are those of the file before. A comment may be for what the edit settles.
    const lines = (all: readonly string[]): readonly string[] =>
      all
        .filter((one) => !isAboutComments(one))
        .map((one) => (changes.length === 0 ? one : one.replace(/^\d+ /, '')))
        .toSorted()
    assert.equal(lines(told(text, diagnostics)), lines(validated({ path, text: edited })))
  })
  test(`${path}: fn says of the items of a list what validate says`, () => {
    for (const item of text.split(/^---\n/m)) {
      const indented = item.replaceAll(/^(?=.)/gm, '    ')
      const list = `${head}${indented}`
      const run = runFunction({ path, text: list })
      // What hosts send, they have read: items without a fault, and of lists what is in them.
      if (!('outcome' in run) || /^kind: \w*List$/m.test(item)) continue
      const alone = `${'#\n'.repeat(4)}${item}`
      const lines = told(alone, plan([{ path, text: alone }], {}).diagnostics)
      assert.equal(told(list, run.outcome.diagnostics), lines)
    }
  })
}

/** Errors, each as one line of text. */
function errorsIn(found: readonly Diagnostic[]): readonly string[] {
  return found
    .filter(({ severity }) => severity === 'error')
    .map(({ code, range, message }) => JSON.stringify([code, range, message]))
}

test('a Service by itself has no error that it does not have beside others', () => {
  const enabled = new Set(rules.map(({ code }) => code))
  let [clean, faulty] = [0, 0]
  for (const { path, text } of files) {
    for (const all of [text, `${text}\n---\n${text}`]) {
      const { manifests, others } = findManifests({ path, text: all })
      for (const manifest of manifests) {
        const around = { others, profile: profileOf(manifest) }
        const asked = { manifests, enabled, isSyncedByArgoCD: () => true }
        const beside = errorsIn(judge(manifest, { ...around, ...asked }))
        const alone = errorsIn(judge(manifest, { ...around, manifests: [manifest], isOnlyErrors: true }))
        assert.equal(
          alone.filter((one) => !beside.includes(one)),
          [],
          all,
        )
        if (alone.length === 0) clean++
        else faulty++
      }
    }
  }
  assert.ok(clean > 500 && faulty > 200, `${clean} and ${faulty}`)
})

test.run()
