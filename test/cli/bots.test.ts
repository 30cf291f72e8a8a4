// The recipes of docs/bots.md, each in a clone with real Git: a bot changes the image on a branch of its own, the recipe runs
// as it stands on the page, and `check` passes where it failed before.
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, parseDocument } from 'yaml'

import { Box, root, type Values } from './action-runs.js'
import { service } from './manifests.js'
import { main } from './sandbox.js'

const page = readFileSync(path.join(root, 'docs/bots.md'), 'utf8')

/** The blocks of a language below a heading. */
function blocks(heading: string, language: string): readonly string[] {
  const [, section] = page.split(`\n## ${heading}\n`)
  assert.ok(section !== undefined, heading)
  const own = section.split('\n## ')[0] ?? ''
  return [...own.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, name, body = '']) =>
    name === language ? [body] : [],
  )
}

function block(heading: string, language: string): string {
  const [only, ...others] = blocks(heading, language)
  assert.ok(only !== undefined && others.length === 0, `one block of ${language}: ${heading}`)
  return only
}

const pinned = '  traffic:\n    - revisionName: shop-v1 # stable\n      percent: 100\n'
const marker = ' # {"$imagepolicy": "flux-system:shop"}'
const shop = service(pinned, { name: 'shop', revision: 'shop-v1' }).replace(
  'example.com/shop:1.0',
  `ghcr.io/acme/shop:1.0.0${marker}`,
)

/** A clone of these files, on the branch of a bot, with the program on its PATH. */
function cloned(branch: string, files: Values = { 'apps/shop.yaml': shop }): Box {
  const box = new Box()
  box.git('init', '--quiet')
  box.write(files)
  box.commit()
  box.git('branch', '-M', 'main')
  box.git('init', '--quiet', '--bare', box.path('.git/remote'))
  box.git('remote', 'add', 'origin', box.path('.git/remote'))
  box.git('push', '--quiet', 'origin', 'main')
  for (const [key, value] of [
    ['user.name', 'bot'],
    ['user.email', 'bot@example.com'],
  ] as const)
    box.git('config', key, value)
  mkdirSync(box.path('.git/bin'))
  symlinkSync(main, box.path('.git/bin/kn-rollout'))
  box.git('switch', '--quiet', '--create', branch)
  return box
}

async function shell(box: Box, script: string, variables: Values = {}): Promise<void> {
  const { status, log } = await box.started('bash', ['-euo', 'pipefail', '-c', script], variables)
  assert.is(status, 0, log)
}

/** The bot's edit, committed; `check` refuses it. */
function bumped(box: Box, file: string, edit: (text: string) => string): void {
  const before = box.read(file)
  box.write({ [file]: edit(before) })
  assert.is.not(box.read(file), before)
  box.commitAs('Update the image')
  const { status, stdout, stderr } = box.run(['check', '--since', 'main'])
  assert.is(status, 1, stdout + stderr)
  assert.match(stdout, 'KN501')
}

const toNext = (text: string): string => text.replace('shop:1.0.0', 'shop:1.1.0')

/** The branch as it is to be merged: `check` lets it pass, and the revision has its name, its image and its preview. */
function assertReady(box: Box, name = 'shop-v2', file = 'apps/shop.yaml', tag = 'v2'): void {
  if (box.git('status', '--short') !== '') box.commitAs('Add the name and the preview')
  const { status, stdout, stderr } = box.run(['check', '--since', 'main', '--strict'])
  assert.is(status, 0, stdout + stderr)
  const { spec } = parseDocument(box.read(file)).toJS() as {
    readonly spec: { readonly template: { readonly metadata: { readonly name: string } }; readonly traffic: unknown }
  }
  assert.is(spec.template.metadata.name, name)
  assert.equal(spec.traffic, [
    { revisionName: 'shop-v1', percent: 100 },
    { revisionName: name, percent: 0, tag },
  ])
}

const test = suite('bots')

test('Renovate: its commands, with its values in them', async () => {
  type Config = {
    readonly packageRules: readonly [{ readonly postUpgradeTasks: { readonly commands: readonly string[] } }]
  }
  const { packageRules } = JSON.parse(block('Renovate', 'json')) as Config
  const values: Values = { packageFile: 'apps/shop.yaml', depName: 'ghcr.io/acme/shop', newValue: '1.1.0' }
  const box = cloned('renovate/shop')
  // Renovate runs them between its edit and its commit.
  box.write({ 'apps/shop.yaml': toNext(shop) })
  for (const command of packageRules[0].postUpgradeTasks.commands)
    await shell(
      box,
      command.replaceAll(/\{\{\{(\w+)\}\}\}/g, (_, name: string) => {
        assert.ok(values[name], name)
        return values[name] ?? ''
      }),
    )
  assert.match(box.read('apps/shop.yaml'), 'image: ghcr.io/acme/shop:1.1.0')
  assertReady(box)
})

test('Flux image automation: the bump on its branch is put back and released, and the marker stays', async () => {
  const automation = parse(block('Flux image automation', 'yaml')) as {
    readonly spec: { readonly git: { readonly push: { readonly branch: string } } }
  }
  const box = cloned(automation.spec.git.push.branch)
  bumped(box, 'apps/shop.yaml', toNext)
  await shell(box, blocks("One command in the bot's branch", 'bash')[1] ?? '', { FILE: 'apps/shop.yaml' })
  assertReady(box)
  assert.match(box.read('apps/shop.yaml'), `image: ghcr.io/acme/shop:1.1.0${marker}\n`)
})

test('Argo CD Image Updater: the tag of the kustomization is released for the overlay', async () => {
  const { spec } = parse(block('Argo CD Image Updater', 'yaml')) as {
    readonly spec: { readonly writeBackConfig: { readonly gitConfig: { readonly branch: string } } }
  }
  const [base, branch = ''] = spec.writeBackConfig.gitConfig.branch.replace('{{.SHA256}}', 'abc').split(':')
  assert.is(base, 'main')
  const overlay = 'apps/shop/overlays/production'
  const box = cloned(branch, {
    'apps/shop/base/kustomization.yaml': 'resources: [service.yaml]\n',
    'apps/shop/base/service.yaml': service('', { name: 'shop' }).replace('example.com/shop:1.0', 'ghcr.io/acme/shop'),
    [`${overlay}/kustomization.yaml`]:
      'resources:\n  - ../../base\nimages:\n  - name: ghcr.io/acme/shop\n    newTag: 1.0.0\npatches:\n  - path: rollout.yaml\n',
    [`${overlay}/rollout.yaml`]: `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\n  namespace: shop\nspec:\n  template:\n    metadata:\n      name: shop-v1\n${pinned}`,
  })
  bumped(box, `${overlay}/kustomization.yaml`, (text) => text.replace('newTag: 1.0.0', 'newTag: 1.1.0'))
  await shell(box, block('Argo CD Image Updater', 'bash'), { OVERLAY: overlay })
  assertReady(box, 'shop-v2', `${overlay}/rollout.yaml`)
  assert.match(box.read(`${overlay}/kustomization.yaml`), 'newTag: 1.1.0\n')
})

test('Kargo: its updates of the manifest, then the preview', async () => {
  type Step = {
    readonly uses: string
    readonly config: { readonly updates?: readonly { readonly key: string; readonly value: string }[] }
  }
  const { steps } = parse(block('Kargo', 'yaml')) as { readonly steps: readonly Step[] }
  const box = cloned('kargo/promotion')
  const document = parseDocument(shop)
  for (const { key, value } of steps.flatMap(({ config }) => config.updates ?? [])) {
    const filled = value
      .replace('${{ imageFrom("ghcr.io/acme/shop").Tag }}', '1.1.0')
      .replace('${{ replace(imageFrom("ghcr.io/acme/shop").Tag, ".", "-") }}', '1-1-0')
    assert.not.match(filled, '$')
    const keys = key.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
    assert.ok(document.hasIn(keys), key)
    document.setIn(keys, filled)
  }
  box.write({ 'apps/shop.yaml': document.toString() })
  box.commitAs('Release shop')
  await shell(box, block('Kargo', 'bash'), { FILE: 'apps/shop.yaml' })
  assertReady(box, 'shop-1-1-0', 'apps/shop.yaml', 'next')
})

type Script = {
  readonly script: string
  readonly env?: readonly (string | { readonly name: string; readonly value: string })[]
}

test('Tekton: the step releases, commits, checks and pushes, whatever a parameter holds', async () => {
  const { spec } = parse(block('Tekton', 'yaml')) as { readonly spec: { readonly steps: readonly [Script] } }
  const [{ script, env = [] }] = spec.steps
  assert.not.match(script, '$(')
  const run = async (box: Box, params: Values): Promise<number> => {
    const variables = env.map((one) => {
      assert.ok(typeof one === 'object')
      return [one.name, one.value.replace(/\$\(params\.(\w+)\)/, (_, name: string) => params[name] ?? '')]
    })
    return (await box.started('sh', ['-c', script], Object.fromEntries(variables) as Values)).status
  }
  const box = cloned('main-copy')
  assert.is(await run(box, { file: 'apps/shop.yaml', image: 'ghcr.io/acme/shop:1.1.0', branch: 'release/shop' }), 0)
  assertReady(box)
  assert.is(box.git('rev-parse', 'origin/release/shop'), box.git('rev-parse', 'HEAD'))
  const odd = cloned('main-copy')
  assert.is.not(await run(odd, { file: '$(touch pwned)', image: '"; touch pwned; "', branch: 'x' }), 0)
  assert.is(odd.git('status', '--short'), '')
})

test('Cloud Build and Cloud Deploy: what `check` refuses makes no release', async () => {
  const { steps } = parse(block('Cloud Build and Cloud Deploy', 'yaml')) as { readonly steps: readonly Script[] }
  const front = shop
    .replace('  namespace: shop\n', '  annotations:\n    run.googleapis.com/ingress: all\n')
    .replace(/ {10}readinessProbe:\n(?: {12}.*\n)+/, '')
  const build = async (box: Box): Promise<string> => {
    box.program('gcloud', 'exit 0')
    for (const { script } of steps)
      if ((await box.started('sh', ['-c', script], { SHORT_SHA: 'abc1234' })).status !== 0) break
    return gcloudLog(box)
  }
  const bad = cloned('work', { 'apps/shop.yaml': front })
  bad.write({ 'apps/shop.yaml': toNext(front) })
  bad.commit()
  assert.is(await build(bad), '')
  const good = cloned('work', { 'apps/shop.yaml': front })
  const released = good.run(['release', 'apps/shop.yaml', '--image', ':1.1.0', '--write', '--profile', 'cloudrun'])
  assert.is(released.status, 0, released.stderr)
  good.commit()
  assert.match(await build(good), 'deploy releases create front-abc1234 --delivery-pipeline front')
})

function gcloudLog(box: Box): string {
  try {
    return box.read('.git/gcloud.log')
  } catch {
    return ''
  }
}

test.run()
