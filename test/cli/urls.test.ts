// Where reports say that a Service is to be found: by the configuration, by options, in the namespace of its root; and the
// commands that they print for an overlay.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Sandbox } from './sandbox.js'

const test = suite('URLs on the command line')

function shop(traffic: string, template = 'v2', namespace = ''): string {
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
${namespace === '' ? '' : `  namespace: ${namespace}\n`}spec:
  template:
    metadata:
      name: shop-${template}
    spec:
      containers:
        - name: user-container
          image: example.com/shop:1
          readinessProbe: { tcpSocket: {}, successThreshold: 1 }
  traffic:
${traffic}`
}

/** `v1 50 tag` as an entry. */
function to(...targets: readonly string[]): string {
  return targets
    .map((target) => {
      const [name = '', percent = '', tag] = target.split(' ')
      return `    - revisionName: shop-${name}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`
    })
    .join('')
}

const previewed = to('v1 100', 'v2 0 v2')

/** The command that a body has under a heading. */
function commandIn(body: string, heading: string): readonly string[] {
  const [, line = ''] = new RegExp(`### ${heading}\n\n\`\`\`sh\n(.*)\n`).exec(body) ?? []
  assert.match(line, /^kn-rollout /, body)
  return line.split(' ').slice(1)
}

test('an overlay: the namespace of the root, and commands that name the overlay again', () => {
  const box = Sandbox.committed({
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'base/shop.yaml': shop(to('v1 100'), 'v1'),
    'overlays/prod/kustomization.yaml': 'namespace: prod\nresources: [../../base]\npatches: [{ path: traffic.yaml }]\n',
    'overlays/prod/traffic.yaml':
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  traffic:\n    - revisionName: shop-v1\n      percent: 100\n',
  })
  const preview = ['apply', 'preview', '--overlay', 'overlays/prod', '--candidate', 'shop-v2', '--tag', 'v2']
  const body = box.run([...preview, '--format', 'markdown', '--domain', 'acme.dev']).stdout
  assert.match(body, '- Test `shop-v2` at `http://v2-shop.prod.acme.dev`\n')
  assert.match(body, '- Users reach the Service at `http://shop.prod.acme.dev`.\n')
  assert.not.match(body, 'with the domain of the cluster')
  assert.not.match(body, 'without a namespace')
  assert.match(body, '`kubectl get revision --namespace prod shop-v1 shop-v2`')
  const next = commandIn(body, 'Next step')
  assert.match(next.join(' '), /^apply split --overlay overlays\/prod --service shop /)
  assert.is(box.run([...preview, '--write']).status, 0)
  box.commit()
  const shown = box.run(['status', '--domain', 'acme.dev']).stdout
  assert.match(shown, 'http://v2-shop.prod.acme.dev', shown)
  const moved = box.run(next)
  assert.is(moved.status, 0, moved.stderr)
  const split = box.run(['apply', 'promote', '--overlay', 'overlays/prod', '--shared', '--format', 'markdown'])
  assert.match(
    commandIn(split.stdout, 'Roll back').join(' '),
    'apply rollback --overlay overlays/prod --shared --service shop',
  )
  const below = box.run(['apply', 'promote', '--overlay', '.', '--format', 'markdown'], {
    folder: 'overlays/prod',
  }).stdout
  box.commit()
  const back = box.run(commandIn(below, 'Roll back'))
  assert.is(back.status, 0, back.stderr)
})

const argo = `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: shop, namespace: argocd }\nspec:\n  source: { path: apps, repoURL: . }\n  destination: { namespace: live }\n`

test('the namespace that Argo CD or Flux gives', () => {
  const box = Sandbox.committed({ 'apps/shop.yaml': shop(previewed), 'argo.yaml': argo })
  const body = box.run(['apply', 'split', '--format', 'markdown']).stdout
  assert.match(body, '`http://v2-shop.live.example.com`')
  assert.match(body, 'Replace `example.com` with the domain of the cluster.')
  assert.match(box.run(['status']).stdout, 'http://v2-shop.live.example.com')
  const flux = Sandbox.committed({
    'apps/kustomization.yaml': 'resources: [shop.yaml]\n',
    'apps/shop.yaml': shop(previewed),
    'flux.yaml':
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: shop, namespace: flux-system }\nspec:\n  path: ./apps\n  targetNamespace: edge\n  sourceRef: { kind: GitRepository, name: flux-system }\n',
  })
  assert.match(
    flux.run(['apply', 'split', 'apps/shop.yaml', '--format', 'markdown']).stdout,
    'http://v2-shop.edge.example.com',
  )
  assert.match(flux.run(['status']).stdout, 'http://v2-shop.edge.example.com')
})

test('the configuration says how URLs are made, and options say it better, for every command that prints one', () => {
  const box = Sandbox.committed({
    '.kn-rollout.yaml': 'domain: acme.dev\nurlTemplate: "https://{{.Name}}-{{.Namespace}}.{{.Domain}}"\n',
    'shop.yaml': shop(previewed, 'v2', 'prod'),
  })
  const commands: readonly (readonly string[])[] = [
    ['status'],
    ['apply', 'split', 'shop.yaml', '--format', 'markdown'],
    ['next', 'shop.yaml', '--format', 'markdown'],
    ['set', 'shop.yaml', '--traffic', 'shop-v2=10', '--format', 'markdown'],
  ]
  for (const command of commands) {
    const { stdout, stderr } = box.run(command)
    assert.match(stdout, 'https://v2-shop-prod.acme.dev', command.join(' '))
    assert.not.match(stdout + stderr, 'example.com/')
    assert.not.match(stderr, 'URLs assume')
    const own = box.run([...command, '--domain', 'edge.dev', '--url-template', 'http://{{.Tag}}.{{.Name}}.{{.Domain}}'])
    assert.match(own.stdout, 'http://v2.shop.edge.dev', command.join(' '))
  }
  const released = box.run(['release', 'shop.yaml', '--image', ':2', '--format', 'markdown']).stdout
  assert.match(released, 'https://v3-shop-prod.acme.dev')
  const created = box.run(['create', 'cart', '--image', 'example.com/cart:1', '--namespace', 'prod'])
  assert.match(created.stderr, 'URL: https://cart-prod.acme.dev\n')
  assert.match(
    box.run(['create', 'cart', '--image', 'example.com/cart:1', '--domain', 'x.dev']).stderr,
    'cart-<namespace>.x.dev',
  )
  const json = JSON.parse(box.run(['status', '--format', 'json']).stdout) as { urls: object }
  assert.equal(json.urls, {
    domain: 'acme.dev',
    template: 'https://{{.Name}}-{{.Namespace}}.{{.Domain}}',
    assumed: false,
  })
  box.write({ '.kn-rollout.yaml': 'urlTemplate: "{{.Nope}}"\n' })
  assert.match(box.run(['status']).stderr, '[KN191 invalid-config]')
  const wrong = box.run(['apply', 'split', 'shop.yaml', '--no-config', '--url-template', '{{.Nope}}'])
  assert.equal([wrong.status, wrong.stdout], [2, ''])
})

const untagged: readonly (readonly [name: string, traffic: string, template: string])[] = [
  ['only the stable revision has a tag', to('v1 50 v1', 'v2 50'), 'v2'],
  ['the candidate is not in the list yet', to('v1 100', 'v2 0 v2'), 'v3'],
]
for (const [name, traffic, template] of untagged)
  test(`no tag and no URL stand beside a candidate that they do not reach: ${name}`, () => {
    const box = Sandbox.committed({ 'shop.yaml': shop(traffic, template, 'prod') })
    const text = box.run(['status', '--no-git']).stdout
    const [head = '', row = ''] = text.split('\n')
    assert.match(row, `shop-${template}`)
    assert.not.match(row, /http|\bshop\.prod\b/)
    assert.not.match(head, /\bTAG\b|URL/)
    const { services } = JSON.parse(box.run(['status', '--no-git', '--format', 'json']).stdout) as {
      services: readonly Readonly<Record<string, unknown>>[]
    }
    assert.equal([services[0]?.['tag'], services[0]?.['tagUrl']], [undefined, undefined])
    assert.not.match(box.run(['status', '--no-git', '--format', 'markdown']).stdout, /http:|`v[12]`/)
  })

test('a promotion takes the tag of the candidate away, by an option or by the plan', () => {
  const box = Sandbox.committed({ 'shop.yaml': shop(to('v1 50', 'v2 50 v2'), 'v2', 'prod') })
  const promoted = box.run(['apply', 'promote', 'shop.yaml', '--untag'])
  assert.is(promoted.status, 0, promoted.stderr)
  assert.match(promoted.stdout, /^-\s+tag: v2$/m)
  assert.match(
    box.run(['apply', 'promote', 'shop.yaml', '--untag', '--format', 'markdown']).stdout,
    'The tag `v2` no longer leads to `shop-v2`',
  )
  assert.is(box.run(['apply', 'promote', 'shop.yaml', '--untag', '--write']).status, 0)
  assert.is(box.read('shop.yaml'), shop(to('v1 0', 'v2 100'), 'v2', 'prod'))
  assert.match(box.run(['apply', 'promote', 'shop.yaml', '--untag']).stderr, /^nothing to change/m)
  box.commit()
  assert.match(box.run(['next', 'shop.yaml']).stderr, 'retire')
  assert.match(
    box.run(['apply', 'split', 'shop.yaml', '--untag']).stderr,
    '`--untag` works only with the stage `promote`',
  )
  assert.match(box.run(['apply', 'promote', 'shop.yaml', '--untag', '--tag', 'x']).stderr, '`--tag` and `--untag`')
  const planned = Sandbox.committed({
    '.kn-rollout.yaml':
      'plan: own\nplans:\n  own: [preview, split, { stage: all, percent: 100, untag: true }, retire]\n',
    'shop.yaml': shop(to('v1 50', 'v2 50 v2'), 'v2', 'prod'),
  })
  for (const command of [['next'], ['apply', 'all']]) {
    const { stdout, stderr } = planned.run([...command, 'shop.yaml'])
    assert.match(stdout, /^-\s+tag: v2$/m, stderr)
  }
})

test('Cloud Run: its own form of URL, and a name for the next revision', () => {
  const run = shop(to('00004-xyz 100', '00005-kop 0 next'), '00005-kop', "'123456789012'").replace(
    'spec:',
    '  labels:\n    cloud.googleapis.com/location: europe-west1\nspec:',
  )
  const box = Sandbox.committed({ 'shop.yaml': run })
  const url = 'https://next---shop-123456789012.europe-west1.run.app'
  const { stdout, stderr } = box.run(['status'])
  assert.match(stdout, url)
  assert.not.match(stderr, 'URLs assume')
  const body = box.run(['apply', 'split', 'shop.yaml', '--format', 'markdown']).stdout
  assert.match(body, url)
  assert.match(body, '`gcloud run revisions list --service shop --region europe-west1`')
  const template = 'https://{{.Tag}}---{{.Name}}-74pl3bqokq-ew.a.run.app'
  assert.match(box.run(['status', '--url-template', template]).stdout, 'https://next---shop-74pl3bqokq-ew.a.run.app')
  const released = box.run(['release', 'shop.yaml', '--image', ':6'])
  assert.is(released.status, 0, released.stderr)
  assert.match(
    released.stderr,
    'candidate shop-v6 (by the number after that of `shop-00005-kop`, which Cloud Run generated)',
  )
})

test('a snapshot is as old as its file', () => {
  const box = Sandbox.committed({ 'shop.yaml': shop(previewed, 'v2', 'prod') })
  box.write({
    'live.txt': `${shop(previewed, 'v2', 'prod')}status:\n  latestReadyRevisionName: shop-v1\n  latestCreatedRevisionName: shop-v2\n`,
  })
  const later = String(Math.floor(Date.now() / 1000) + 7200)
  const args = ['apply', 'promote', 'shop.yaml', '--live', 'live.txt']
  const { status, stdout, stderr } = box.run(args, { environment: { KN_ROLLOUT_NOW: later } })
  assert.equal([status, stdout], [1, ''])
  assert.match(stderr, /note: snapshot `live\.txt` was saved (?:2h|1h59m|2h1m) ago \(/)
  assert.match(stderr, 'cannot send 100% to `shop-v2`: it is not ready')
  const shown = box.run(['status', '--live', 'live.txt'])
  assert.match(shown.stdout, /^SERVICE .* LIVE /m)
  assert.match(shown.stdout, 'not ready: shop-v2')
  assert.match(shown.stderr, '[KN472 snapshot-age]')
  assert.is(box.run(['status', '--live', 'shop.yaml']).status, 2)
  const json = box.run([...args, '--force', '--format', 'json'])
  assert.match(json.stdout, '"code": "KN457"')
  assert.is(json.status, 0)
})

test.run()
