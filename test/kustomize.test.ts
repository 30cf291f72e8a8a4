import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'

import { findManifests } from '../src/manifest/find.js'
import { member, sameJson, type Json } from '../src/yaml/json.js'
import { hasKubectl, kustomize } from './kubectl.js'

const test = suite('kustomize')
const fixtures = new URL('../fixtures/', import.meta.url)

/** Every written result of the manual: what another reader of YAML must take as this tool does. */
const results = ['journey', 'layouts', 'create'].flatMap((folder) => {
  const names = readdirSync(new URL(folder, fixtures), { recursive: true }).map(String)
  return names.filter((name) => /(?<!\.args)\.(?:ya?ml|json)$/.test(name)).map((name) => `${folder}/${name}`)
})

function kustomized(name: string, text: string): readonly Json[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-kustomize-'))
  try {
    const file = `resource${path.extname(name)}`
    mkdirSync(folder, { recursive: true })
    // kubectl ends the last line where the file does not, and this tool reads what kubectl does.
    writeFileSync(path.join(folder, file), text.endsWith('\n') ? text : `${text}\n`)
    writeFileSync(path.join(folder, 'kustomization.yaml'), `resources: [${file}]\n`)
    const { status, stdout, stderr } = kustomize(folder)
    assert.is(status, 0, `${name}: ${stderr}`)
    return parseAllDocuments(stdout).map((document): Json => document.toJS() as Json)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function labelOf(object: Json): string {
  const names = [member(object, 'metadata', 'namespace'), member(object, 'metadata', 'name')]
  return names.filter((part) => typeof part === 'string').join('/')
}

test('there are results to read', () => {
  assert.ok(results.length >= 50, `${results.length} results`)
})

for (const name of results) {
  const text = readFileSync(new URL(name, fixtures), 'utf8')
  const ours = findManifests({ path: name, text }).manifests
  const labels = ours.map(({ label }) => label)
  if (!hasKubectl) continue
  // One Service under one name is all that kustomize takes.
  if (new Set(labels).size < labels.length) continue
  test(`reads ${name} as this tool does`, () => {
    const theirs = kustomized(name, text).filter((object) =>
      JSON.stringify(member(object, 'apiVersion')).includes('serving.knative.dev/'),
    )
    assert.is(theirs.length, ours.length)
    for (const { value, label: service } of ours) {
      const same = theirs.find((object) => labelOf(object) === service)
      assert.ok(
        same && sameJson(member(same, 'spec', 'traffic'), member(value, 'spec', 'traffic')),
        `${name}: ${service}`,
      )
      assert.ok(
        sameJson(member(same, 'spec', 'template'), member(value, 'spec', 'template')),
        `${name}: template of ${service}`,
      )
    }
  })
}

if (!hasKubectl) console.log('skipped: kubectl is not on the PATH, so kustomize cannot read the fixtures')
test.run()
