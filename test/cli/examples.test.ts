// The example repositories for Argo CD and Flux: each is committed and used as its users would, on a fixed day.
import { cpSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, parseAllDocuments } from 'yaml'

import { hasKubectl, kustomize } from '../kubectl.js'
import { Sandbox, type Ran } from './sandbox.js'

type Row = { readonly file: string; readonly stage: string }
type Target = { readonly revisionName: string; readonly percent: number }
type Resource = {
  readonly kind?: string
  readonly spec?: {
    readonly path?: string
    readonly traffic?: readonly Target[]
    readonly source?: { readonly path: string }
  }
}

const examples = fileURLToPath(new URL('../../fixtures/examples', import.meta.url))
const committed = 1_700_000_000
const hour = 3600

class Example extends Sandbox {
  constructor(name: string) {
    super()
    cpSync(`${examples}/${name}`, this.root, { recursive: true })
    this.git('init', '--quiet')
    this.commitAt(committed)
  }

  commitAt(seconds: number): void {
    this.git('add', '--all')
    const environment = { GIT_COMMITTER_DATE: `${seconds} +0000` }
    this.gitWith({ environment }, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'x')
  }

  at(seconds: number, ...args: readonly string[]): Ran {
    return this.run(args, { environment: { KN_ROLLOUT_NOW: String(seconds) } })
  }

  stageOf(file: string): string | undefined {
    const { rows } = this.status()
    return rows.find((row) => row.file === file)?.stage
  }

  private status(): { readonly rows: readonly Row[] } {
    const report = JSON.parse(this.at(committed, 'status', '--format', 'json').stdout) as {
      readonly services: readonly Row[]
    }
    return { rows: report.services }
  }

  objects(file: string): readonly Resource[] {
    return parseAllDocuments(this.read(file)).map((document) => document.toJS() as Resource)
  }
}

/** Where the rollout stands, the stage that follows, and when: hours after the commit. */
const cases = [
  {
    name: 'argocd',
    file: 'apps/shop/overlays/production/traffic.yaml',
    overlay: 'apps/shop/overlays/production',
    entry: 'applications/shop-production.yaml',
    stage: 'few',
    tooEarly: 3,
    due: 4,
    next: 'half',
    shares: [50, 50],
  },
  {
    name: 'flux',
    file: 'apps/base/cart/service.yaml',
    overlay: 'apps/production',
    entry: 'clusters/production/apps.yaml',
    stage: 'preview',
    tooEarly: 0.5,
    due: 1,
    next: 'split',
    shares: [50, 50],
  },
] as const

const test = suite('examples')

test('every example has its case', () => {
  assert.equal(
    readdirSync(examples).toSorted(),
    cases.map(({ name }) => name),
  )
})

for (const { name, file, overlay, entry, stage, tooEarly, due, next, shares } of cases) {
  test(`${name}: nothing is wrong with it, and status tells its stage`, () => {
    const box = new Example(name)
    for (const args of [
      ['validate', '--strict'],
      ['check', '--since', 'HEAD', '.', '--strict'],
    ])
      assert.is(box.at(committed, ...args).status, 0, args.join(' '))
    assert.is(box.stageOf(file), stage)
  })

  test(`${name}: what the host applies is the overlay`, () => {
    const box = new Example(name)
    const paths = box.objects(entry).map(({ spec }) => spec?.path ?? spec?.source?.path)
    assert.ok(paths.some((path) => path?.replace(/^\.\//, '') === overlay))
    if (!hasKubectl) return
    const { stdout, stderr } = kustomize(box.path(overlay))
    const [service] = [parse(stdout) as Resource]
    assert.is(service?.kind, 'Service', stderr)
    assert.equal(service?.spec?.traffic, box.objects(file)[0]?.spec?.traffic)
  })

  test(`${name}: the next stage waits for the soak; check passes what next has written`, () => {
    const box = new Example(name)
    const options = ['next', '--all', '--ready', '--write']
    box.at(committed + tooEarly * hour, ...options)
    assert.is(box.git('status', '--short', '--', file), '')
    const moved = box.at(committed + due * hour, ...options)
    assert.is(moved.status, 0, moved.stderr)
    assert.equal(
      box.objects(file)[0]?.spec?.traffic?.map(({ percent }) => percent),
      shares,
    )
    assert.is(box.stageOf(file), next)
    assert.is(box.at(committed + due * hour, 'check', '--since', 'HEAD').status, 0)
    box.commitAt(committed + due * hour)
    assert.is(box.at(committed + due * hour, 'check', '--since', 'HEAD~1', '--strict').status, 0)
  })
}

if (!hasKubectl) console.log('skipped: kubectl is not on the PATH, so the overlays are not built')
test.run()
