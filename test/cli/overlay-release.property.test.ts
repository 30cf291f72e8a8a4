// Releases in small random trees of kustomizations, with the real kustomize as the judge of what overlays become.
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'

import { parseImage } from '../../src/manifest/names.js'
import { plan } from '../../src/pipeline/plan.js'
import type { Outcome } from '../../src/pipeline/request.js'
import { hasKubectl, kustomize } from '../kubectl.js'
import { sourcesIn, type Tree } from '../trees.js'
import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

/** Another seed or more cases: `KN_SEED=7 KN_RUNS=2000 node test/run.mjs overlay-release.property`. */
const seed = Number(process.env['KN_SEED'] ?? 20_240_229)
const numRuns = Number(process.env['KN_RUNS'] ?? 24)

const test = suite('overlay release properties')
const names = ['shop', 'cart'] as const
type Name = (typeof names)[number]
const folders = ['overlays/a', 'overlays/b'] as const
const digest = `sha256:${'d'.repeat(64)}`

const traffic = (name: Name): string =>
  `  traffic: # of ${name}\n    - revisionName: ${name}-v1 # stable\n      percent: 100\n`
const whole = (name: Name, image: string): string =>
  service(traffic(name), { name, revision: `${name}-v1` }).replace(
    'example.com/shop:1.0',
    `${image} # image of ${name}`,
  )
const patches: Readonly<Record<string, (name: Name) => string>> = {
  none: () => '',
  traffic: (name) => `${head(name)}${traffic(name)}`,
  name: (name) => `${head(name)}  template:\n    metadata:\n      name: ${name}-v1 # named\n`,
  both: (name) => `${head(name)}  template:\n    metadata:\n      name: ${name}-v1 # named\n${traffic(name)}`,
  whole: (name) => whole(name, `host:5000/${name}:2`),
}

function head(name: Name): string {
  return `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: ${name}\n  namespace: shop\nspec:\n`
}

const says = fc.constantFrom(
  '',
  'newTag: "1.0" # by a bot',
  `digest: ${digest} # by a bot`,
  'newName: mirror/shop # from here\n    newTag: "2" # by a bot',
)
const overlays = fc.record({ patch: fc.constantFrom(...Object.keys(patches)), says })
const trees = fc.record({
  /** Whether both Services have one image. */
  isSharing: fc.boolean(),
  /** Whether there is one overlay only. */
  isOne: fc.boolean(),
  below: fc.constantFrom('', '', 'newTag: "1.0" # by a bot'),
  layers: fc.tuple(overlays, overlays),
  image: fc.constantFrom(':9', `@${digest.replaceAll('d', '9')}`, 'host:5000/else/where:9'),
  only: fc.constantFrom(undefined, ...names),
})
type Case = typeof trees extends fc.Arbitrary<infer T> ? T : never

/** `images` that say this of every image in use. */
function images(fields: string, isSharing: boolean): string {
  if (fields === '') return ''
  const used = isSharing ? ['example.com/shop'] : ['example.com/shop', 'example.com/cart']
  const all = [...used, 'host:5000/shop', 'host:5000/cart']
  return `images: # all\n${all.map((name) => `  - name: ${name}\n    ${fields}\n`).join('')}`
}

function treeOf({ isSharing, isOne, below, layers }: Case): Tree {
  const image = (name: Name): string => `example.com/${isSharing ? 'shop' : name}:1.0`
  const tree: Record<string, string> = {
    'base/kustomization.yaml': `resources: [shop.yaml, cart.yaml]\n${images(below, isSharing)}`,
    ...Object.fromEntries(names.map((name) => [`base/${name}.yaml`, whole(name, image(name))])),
  }
  for (const [index, { patch, says: fields }] of (isOne ? layers.slice(0, 1) : layers).entries()) {
    const folder = folders[index] ?? ''
    const list = patch === 'none' ? '' : `patches:\n${names.map((name) => `  - path: ${name}-patch.yaml\n`).join('')}`
    tree[`${folder}/kustomization.yaml`] =
      `resources: [../../base]\nnamespace: env-${index}\n${images(fields, isSharing)}${list}`
    for (const name of patch === 'none' ? [] : names)
      tree[`${folder}/${name}-patch.yaml`] = patches[patch]?.(name) ?? ''
  }
  return tree
}

function released(tree: Tree, { image, only }: Case): Outcome {
  const { sources, surroundings } = sourcesIn(tree)
  return plan([], {
    surroundings: { ...surroundings, files: [...surroundings.files, ...sources] },
    overlay: 'overlays/a/kustomization.yaml',
    ...(only === undefined ? { all: true } : { services: [only] }),
    move: { command: 'release', image },
  })
}

type Plain = {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly name: string }
      readonly spec: { readonly containers: readonly { readonly image: string }[] }
    }
    readonly traffic: readonly { readonly revisionName: string; readonly percent: number; readonly tag?: string }[]
  }
}

/** What kustomize makes of the overlays that there are: their text. */
function delivered(box: Sandbox, tree: Tree): readonly string[] {
  const own = folders.filter((folder) => tree[`${folder}/kustomization.yaml`] !== undefined)
  return own.map((folder) => {
    const { status, stdout, stderr } = kustomize(box.path(folder))
    assert.is(status, 0, stderr)
    return stdout
  })
}

const servicesIn = (text: string): readonly Plain[] => parseAllDocuments(text).map((one) => one.toJS() as Plain)
const commentsIn = (tree: Tree): readonly string[] => Object.values(tree).flatMap((text) => text.match(/#.*$/gm) ?? [])

/** What is left when all that a release may change is taken out. */
function rest({ metadata, spec }: Plain): unknown {
  const [container] = spec.template.spec.containers
  return [metadata, { ...spec, template: '', traffic: '' }, { ...container, image: '' }]
}

if (hasKubectl)
  test('a release reaches the Services that are meant, whole, and nothing else', () => {
    let changed = 0
    let refused = 0
    const box = new Sandbox()
    fc.assert(
      fc.property(trees, (one) => {
        const tree = treeOf(one)
        const { changes, diagnostics } = released(tree, one)
        if (diagnostics.some(({ severity }) => severity === 'error')) {
          refused++
          assert.ok(diagnostics.every(({ severity, help = '' }) => severity !== 'error' || help !== ''))
          return
        }
        changed++
        box.write(tree)
        const [before = '', other] = delivered(box, tree)
        const after = { ...tree, ...Object.fromEntries(changes.map(({ file, text }) => [file.path, text])) }
        box.write(after)
        const [now = '', untouched] = delivered(box, after)
        assert.is(untouched, other)
        for (const [index, old] of servicesIn(before).entries()) {
          const fresh = servicesIn(now)[index]
          const { name } = old.metadata
          if (!fresh || (one.only !== undefined && one.only !== name)) {
            assert.equal(fresh, old)
            continue
          }
          const [image = ''] = old.spec.template.spec.containers.map((container) => container.image)
          const wanted = /^[:@]/.test(one.image) ? parseImage(image).name + one.image : one.image
          assert.is(fresh.spec.template.spec.containers[0]?.image, wanted)
          assert.is(fresh.spec.template.metadata.name, `${name}-v2`)
          assert.equal(fresh.spec.traffic, [
            { percent: 100, revisionName: `${name}-v1` },
            { percent: 0, revisionName: `${name}-v2`, tag: 'v2' },
          ])
          assert.equal(rest(fresh), rest(old))
        }
        const removed = changes.flatMap((file) => [...file.changes, ...(file.also ?? [])].flatMap(({ notes }) => notes))
        const gone = removed.flatMap(({ kind, text }) => (kind === 'removed' ? [text.trim()] : []))
        assert.equal([...commentsIn(after), ...gone].toSorted(), commentsIn(tree).toSorted())
        const again = released(after, one)
        assert.equal([again.changes, again.diagnostics.filter(({ severity }) => severity === 'error')], [[], []])
      }),
      { seed, numRuns, includeErrorInReport: true },
    )
    assert.ok(changed > numRuns / 8 && refused > 0, `${changed} changed, ${refused} refused`)
  })
else console.log('skipped: kubectl is not on the PATH, so nothing tells what overlays become')

test.run()
