// The whole way of a Service by commands alone, each a commit with a date: what the log says, every reader agrees on.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import { plan } from '../../src/pipeline/plan.js'
import { hasKubectl, kustomize } from '../kubectl.js'
import { Sandbox } from './sandbox.js'
import { hour, Timeline } from './timeline.js'

type Target = { readonly revisionName?: string; readonly percent: number; readonly tag?: string }
type Status = {
  readonly services: readonly {
    readonly stage?: string
    readonly state: string
    readonly next?: { readonly stage: string }
    readonly rolledBack?: { readonly from: number }
  }[]
}

/** What a commit leaves. */
type State = {
  /** `v1=100 v2=0:v2` */
  readonly traffic: string
  /** The stage that `status` tells, and the one that comes next; `-` where there is none. */
  readonly status: string
  /** Lines of the file that the commit adds and removes. */
  readonly lines: readonly [added: number, removed: number]
}

const file = 'apps/shop.yaml'
if (!hasKubectl) console.log('kustomize is left out: kubectl is not here')

class Journey {
  readonly line = new Timeline()
  /** What was committed, and its traffic, for kustomize. */
  private readonly states: { readonly text: string; readonly traffic: string }[] = []

  constructor() {
    this.line.box.write({ 'apps/kustomization.yaml': 'namespace: prod\n' })
    this.line.commit({}, 'begin')
  }

  /** Takes the patch of a command, runs it once more, commits, and asks every other command about it. Gives back what was said. */
  step(args: readonly string[], { lines, ...state }: State): string {
    const { line } = this
    const ran = line.run(...args)
    assert.is(ran.status, 0, ran.stderr)
    line.box.gitWith({ stdin: ran.stdout }, 'apply', '--whitespace=error')
    const again = line.run(...args, '--write')
    assert.equal([again.status, again.stdout], [0, ''], again.stderr)
    assert.match(again.stderr, /(?:^|\n)nothing to (?:change: .*|do)\n$/)
    assert.is(line.box.git('diff', '--numstat'), `${lines.join('\t')}\t${file}\n`)
    this.commit(args.join(' '), state)
    return ran.stderr
  }

  /** Commits, and looks at the state as others see it. */
  commit(message: string, { traffic, status }: Omit<State, 'lines'>): void {
    const { line } = this
    line.commit({}, message)
    assert.is(this.traffic, traffic, message)
    assert.equal(plan([{ path: file, text: line.box.read(file) }], {}).diagnostics, [])
    assert.is(this.status, status, message)
    assert.is(line.box.git('status', '--porcelain'), '')
    this.states.push({ text: line.box.read(file), traffic })
  }

  /** What kustomize makes of each state, all at once: a Service for each, by its namespace. */
  private built(): readonly string[] {
    const box = new Sandbox()
    for (const [index, { text }] of this.states.entries())
      box.write({
        [`${index}/kustomization.yaml`]: `namespace: n${index}\nresources: [shop.yaml]\n`,
        [`${index}/shop.yaml`]: text,
      })
    box.write({
      'kustomization.yaml': `resources: [${[...this.states.keys()].map((index) => `./${index}`).join(', ')}]\n`,
    })
    const { status, stdout, stderr } = kustomize(box.root)
    assert.is(status, 0, stderr)
    return stdout.split(/^---\n/m).map(trafficOf)
  }

  /** What stands at the end is what the program itself has nothing to say against, either. */
  end(): void {
    const { status, stdout, stderr } = this.line.run('validate', '--strict')
    assert.equal([status, stdout, stderr], [0, '', 'validated 1 Knative Service in 1 file: 0 errors, 0 warnings\n'])
    if (!hasKubectl) return
    assert.equal(this.built().toSorted(), this.states.map(({ traffic }) => traffic).toSorted())
  }

  get traffic(): string {
    return trafficOf(this.line.box.read(file))
  }

  get status(): string {
    const { services } = JSON.parse(this.line.run('status', '--format', 'json').stdout) as Status
    return services
      .map(({ stage, state, next, rolledBack }) => {
        return `${stage ?? state} → ${next?.stage ?? '-'}${rolledBack ? ` (back from ${rolledBack.from})` : ''}`
      })
      .join()
  }

  /** The lines that each commit since a revision takes and gives, oldest first: a changelog. */
  log(since: string): string {
    return this.line.box
      .git('log', '--reverse', '--patch', '--unified=0', '--format=# %s', `${since}..HEAD`, '--', file)
      .split('\n')
      .filter((line) => /^(?:#|[-+](?!\+\+|--))/.test(line))
      .map((line) => line.replace(/^([-+]) +/, '$1 '))
      .join('\n')
  }
}

function trafficOf(text: string): string {
  const { traffic = [] } = (parse(text) as { spec: { traffic?: readonly Target[] } }).spec
  return traffic
    .map(({ revisionName = '@latest', percent, tag }) => {
      return `${revisionName.replace('shop-', '')}=${percent}${tag === undefined ? '' : `:${tag}`}`
    })
    .join(' ')
}

const create = ['create', 'shop', '--image', 'ghcr.io/acme/shop:1.0', '--env', 'LOG=debug', '--output', file] as const
const release = (version: string): readonly string[] => ['release', file, '--image', `:${version}`]
const next = ['next', file] as const
const rollback = ['apply', 'rollback', file] as const

/** From a release to the end of blue-green. */
function rollOut(journey: Journey, [old, fresh]: readonly [string, string], tag: string, oldTag = ''): void {
  const states = [
    ['split', 'promote', 50],
    ['promote', 'retire', 100],
  ] as const
  for (const [stage, following, share] of states) {
    journey.line.now += hour
    journey.step(next, {
      traffic: `${old}=${100 - share}${oldTag} ${fresh}=${share}:${tag}`,
      status: `${stage} → ${following}`,
      lines: [2, 2],
    })
  }
  journey.line.now += hour
  journey.step(next, {
    traffic: `${fresh}=100:${tag}`,
    status: 'retire → -',
    lines: [0, oldTag === '' ? 2 : 3],
  })
}

const test = suite('from create to retire and back')

test('own names: every commit is one step, and says no more than it must', () => {
  const journey = new Journey()
  const { line } = journey
  const created = line.run(...create)
  assert.equal([created.status, created.stdout], [0, ''])
  assert.match(created.stderr, `\nnext: commit it; for the next version run: kn-rollout release ${file} --image :TAG\n`)
  journey.commit('create', { traffic: 'v1=100', status: 'pin → -' })
  const first = line.head

  line.now += hour
  const idle = line.run(...next)
  assert.equal([idle.status, idle.stdout], [0, ''])
  assert.match(idle.stderr, /nothing to roll out: [^]*`kn-rollout release \S+ --image IMAGE`/)
  journey.step(release('1.1'), { traffic: 'v1=100 v2=0:v2', status: 'preview → split', lines: [5, 2] })
  rollOut(journey, ['v1', 'v2'], 'v2')
  assert.is(
    journey.log(first),
    `# release apps/shop.yaml --image :1.1
- name: shop-v1
+ name: shop-v2
- image: ghcr.io/acme/shop:1.0
+ image: ghcr.io/acme/shop:1.1
+ - revisionName: shop-v2
+ percent: 0
+ tag: v2
# next apps/shop.yaml
- percent: 100
+ percent: 50
- percent: 0
+ percent: 50
# next apps/shop.yaml
- percent: 50
+ percent: 0
- percent: 50
+ percent: 100
# next apps/shop.yaml
- - revisionName: shop-v1
- percent: 0`,
  )
  assert.match(line.run(...next).stderr, /nothing to roll out/)

  const second = line.head
  line.now += hour
  journey.step([...release('1.2'), '--env', 'LOG-'], {
    traffic: 'v2=100:v2 v3=0:v3',
    status: 'preview → split',
    lines: [5, 5],
  })
  line.now += hour
  journey.step(next, { traffic: 'v2=50:v2 v3=50:v3', status: 'split → promote', lines: [2, 2] })
  assert.match(
    line.run(...release('1.3')).stderr,
    /cannot release a new revision: `shop-v3` has 50% of the traffic in a rollout that is in progress/,
  )
  line.now += hour
  journey.step(rollback, {
    traffic: 'v2=100:v2',
    status: 'pin → - (back from 50)',
    lines: [1, 4],
  })
  const refused = line.run(...next)
  assert.equal([refused.status, refused.stdout], [1, ''])
  assert.match(refused.stderr, /cannot roll out `shop-v3` again: it was rolled back \(removed at 50% by [0-9a-f]{7}\)/)
  assert.is(line.run(...next, '--ready', '--check').status, 0)

  line.now += hour
  journey.step(release('1.3'), { traffic: 'v2=100:v2 v4=0:v4', status: 'preview → split', lines: [5, 2] })
  assert.match(
    journey.log(second),
    /# apply rollback apps\/shop\.yaml\n- percent: 50\n\+ percent: 100\n- - revisionName: shop-v3\n- percent: 50\n- tag: v3\n# release apps\/shop\.yaml --image :1\.3\n- name: shop-v3\n\+ name: shop-v4\n- image: ghcr\.io\/acme\/shop:1\.2\n\+ image: ghcr\.io\/acme\/shop:1\.3\n\+ - revisionName: shop-v4\n\+ percent: 0\n\+ tag: v4$/,
  )
  rollOut(journey, ['v2', 'v4'], 'v4', ':v2')

  line.now += hour
  const warned = journey.step(rollback, {
    traffic: 'v2=100',
    status: 'pin → - (back from 100)',
    lines: [1, 2],
  })
  assert.match(
    warned,
    /`shop-v2` is in no target since \S+ \([0-9a-f]{7}\): Knative keeps such a revision for at least 15 hours/,
  )
  journey.end()
})

test('own names: a canary of the repository waits for its soak', () => {
  const journey = new Journey()
  const { line } = journey
  line.run(...create)
  line.box.write({
    '.kn-rollout.yaml': `plan: careful
plans:
  careful:
    - { stage: dark, percent: 0, tag: next }
    - { stage: few, percent: 5, soak: 1h30m }
    - { stage: half, percent: 50, soak: 1d }
    - promote
    - retire
`,
  })
  journey.commit('create', { traffic: 'v1=100', status: 'single → -' })
  journey.step(release('1.1'), { traffic: 'v1=100 v2=0:next', status: 'dark → few', lines: [5, 2] })
  journey.step(next, { traffic: 'v1=95 v2=5:next', status: 'few → half', lines: [2, 2] })
  const stages = [
    ['few', 1.5 * hour, 'v1=50 v2=50:next', 'half → promote'],
    ['half', 24 * hour, 'v1=0 v2=100:next', 'promote → retire'],
  ] as const
  for (const [stage, soak, traffic, status] of stages) {
    line.now += soak - 60
    const early = line.run(...next)
    assert.equal([early.status, early.stdout], [1, ''])
    assert.match(
      early.stderr,
      new RegExp(`cannot leave \`${stage}\` yet: 1m of its .* soak are left, .* \\[KN432 soak-not-over\\]`),
    )
    assert.is(line.run(...next, '--ready', '--check').status, 0)
    line.now += 60
    journey.step(next, { traffic, status, lines: [2, 2] })
  }
  journey.step(next, { traffic: 'v2=100:next', status: 'retire → -', lines: [0, 2] })
  journey.end()
})

test('generated names: a number is foretold, and every commit is as small', () => {
  const journey = new Journey()
  const { line } = journey
  const created = line.run(...create, '--generated-names')
  assert.match(created.stderr, `kn-rollout apply pin ${file} --stable shop-00001\n`)
  journey.commit('create', { traffic: '', status: 'unpinned → -' })
  const first = line.head
  assert.match(line.run(...next).stderr, /run `kn-rollout apply pin apps\/shop\.yaml --stable REVISION`/)
  assert.match(
    line.run(...release('1.1')).stderr,
    /cannot determine the stable revision: the file does not show which one serves users now/,
  )

  line.now += hour
  journey.step(['apply', 'pin', file, '--stable', 'shop-00001'], {
    traffic: '00001=100',
    status: 'pin → -',
    lines: [3, 0],
  })
  line.now += hour
  const foretold = journey.step(release('1.1'), {
    traffic: '00001=100 00002=0:v2',
    status: 'preview → split',
    lines: [4, 1],
  })
  assert.match(
    foretold,
    /  candidate shop-00002 \(by prediction: `shop-00001` was named in [0-9a-f]{7}, no template change since, and this one\)/,
  )
  rollOut(journey, ['00001', '00002'], 'v2')
  assert.is(
    journey.log(first),
    `# apply pin apps/shop.yaml --stable shop-00001
+ traffic:
+ - revisionName: shop-00001
+ percent: 100
# release apps/shop.yaml --image :1.1
- - image: ghcr.io/acme/shop:1.0
+ - image: ghcr.io/acme/shop:1.1
+ - revisionName: shop-00002
+ percent: 0
+ tag: v2
# next apps/shop.yaml
- percent: 100
+ percent: 50
- percent: 0
+ percent: 50
# next apps/shop.yaml
- percent: 50
+ percent: 0
- percent: 50
+ percent: 100
# next apps/shop.yaml
- - revisionName: shop-00001
- percent: 0`,
  )

  line.now += hour
  journey.step(release('1.2'), { traffic: '00002=100:v2 00003=0:v3', status: 'preview → split', lines: [4, 1] })
  journey.step(next, { traffic: '00002=50:v2 00003=50:v3', status: 'split → promote', lines: [2, 2] })
  journey.step(rollback, { traffic: '00002=100:v2', status: 'pin → - (back from 50)', lines: [1, 4] })
  assert.match(
    line.run(...next).stderr,
    /cannot roll out `shop-00003` again: it was rolled back \(removed at 50% by [0-9a-f]{7}\)/,
  )
  journey.step(release('1.3'), { traffic: '00002=100:v2 00004=0:v4', status: 'preview → split', lines: [4, 1] })

  // Someone changed the Service on the cluster by hand: only what it says itself tells the number.
  line.box.write({
    'live.yaml': `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  namespace: prod
  generation: 12
status:
  latestCreatedRevisionName: shop-00007
  latestReadyRevisionName: shop-00007
`,
    '.gitignore': 'live.yaml\n',
  })
  line.commit({}, 'ignore')
  const seen = journey.step([...release('1.4'), '--live', 'live.yaml'], {
    traffic: '00002=100:v2 00008=0:v8',
    status: 'preview → split',
    lines: [3, 3],
  })
  assert.match(seen, /candidate shop-00008 \(by .*live\.yaml/)
  rollOut(journey, ['00002', '00008'], 'v8', ':v2')
  journey.step(rollback, { traffic: '00002=100', status: 'pin → - (back from 100)', lines: [1, 2] })
  journey.end()
})

test('@latest: nothing is foretold, and a promotion reads as one', () => {
  const journey = new Journey()
  const { line } = journey
  line.run(...create, '--generated-names')
  journey.commit('create', { traffic: '', status: 'unpinned → -' })
  journey.step(['apply', 'pin', file, '--stable', 'shop-00001'], {
    traffic: '00001=100',
    status: 'pin → -',
    lines: [3, 0],
  })
  const noted = journey.step([...release('1.1'), '--candidate', '@latest'], {
    traffic: '00001=100 @latest=0:latest',
    status: 'preview → split',
    lines: [4, 1],
  })
  assert.match(noted, /`latestRevision: true` switches to every later revision automatically, untested ones included/)
  journey.step(next, { traffic: '00001=50 @latest=50:latest', status: 'split → promote', lines: [2, 2] })
  journey.step(next, { traffic: '00001=0 @latest=100:latest', status: 'promote → retire', lines: [2, 2] })
  journey.step(next, { traffic: '@latest=100:latest', status: 'unpinned → -', lines: [0, 2] })
  assert.match(line.run(...next).stderr, /`shop` has no rollout: all traffic goes to the latest revision/)
  journey.end()
})

test.run()
