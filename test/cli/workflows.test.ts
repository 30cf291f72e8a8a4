// The workflows of docs/, step by step as a runner would run them: each `run:` in bash with its variables, this action where
// it is used, other actions passed over, in a scratch repository with a stand-in for `gh`.
import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { type Box, type Finished, pullRequest, repository, shop } from './action-runs.js'
import { jobOf, runWorkflow, workflowNames } from './workflow-runs.js'

function withRemote(box: Box): Box {
  box.git('init', '--quiet', '--bare', box.path('.git/remote'))
  box.git('remote', 'add', 'origin', box.path('.git/remote'))
  box.git('push', '--quiet', 'origin', 'main')
  return box
}

const slow = (soak: string): string =>
  `plan: slow\nplans:\n  slow:\n    - {stage: preview, soak: ${soak}}\n    - split\n    - promote\n`

const test = suite('workflows')

test('inputs and texts of strangers reach no script but as variables', () => {
  assert.equal(workflowNames.toSorted(), [
    'adopt.yml',
    'check.yml',
    'command.yml',
    'next-each.yml',
    'next.yml',
    'release.yml',
  ])
  for (const name of workflowNames) for (const { run = '' } of jobOf(name).steps) assert.not.match(run, '${{', name)
})

test('the workflow of a pull request runs the action and nothing else', async () => {
  const box = repository()
  box.write({ 'apps/shop.yaml': shop(50) })
  const { status, log } = await runWorkflow(box, 'check.yml', { github: {}, event: pullRequest('main') })
  assert.is(status, 0, log)
})

test('the scheduled workflow opens a pull request with the next stage after the soak, and renews it', async () => {
  const box = withRemote(repository({ '.kn-rollout.yaml': slow('1s') }))
  const github = { 'github.event.repository.default_branch': 'main', 'github.token': 't' }
  box.program(
    'gh',
    '[ "$2" = list ] && { [ -e "$0.opened" ] && echo 1 || echo 0; }\n[ "$2" = create ] && touch "$0.opened"\nexit 0',
  )
  spawnSync('sleep', ['1.1'])
  const first = await runWorkflow(box, 'next.yml', { github })
  assert.is(first.status, 0, first.log)
  assert.is(box.git('show', 'origin/kn-rollout/next:apps/shop.yaml'), shop(50))
  assert.is(box.git('log', '-1', '--format=%s', 'origin/kn-rollout/next').trim(), 'split: shop/shop')
  assert.match(
    box.read('.git/gh.log'),
    /\npr create --head kn-rollout\/next --base main --title split: shop\/shop --body-file \S+\n$/,
  )
  box.git('switch', '--quiet', 'main')
  const second = await runWorkflow(box, 'next.yml', { github })
  assert.is(second.status, 0, second.log)
  assert.match(box.read('.git/gh.log'), /\npr edit kn-rollout\/next --title split: shop\/shop --body-file \S+\n$/)
  box.git('switch', '--quiet', 'main')
  box.write({ '.kn-rollout.yaml': slow('1d') })
  box.commit()
  const calls = box.read('.git/gh.log')
  const early = await runWorkflow(box, 'next.yml', { github })
  assert.equal([early.status, early.outputs['changed']], [0, 'false'], early.log)
  assert.is(box.read('.git/gh.log'), calls, 'too early: no pull request')
})

test('the workflow of a release opens a pull request with the image, the name and the preview', async () => {
  const box = withRemote(repository())
  box.program('gh', 'exit 0')
  const github = {
    'inputs.path': 'apps/shop.yaml',
    'inputs.image': ':1.1',
    'github.run_id': '42',
    'github.event.repository.default_branch': 'main',
  }
  const { status, log } = await runWorkflow(box, 'release.yml', { github })
  assert.is(status, 0, log)
  const released = box.git('show', 'origin/kn-rollout/release-42:apps/shop.yaml')
  for (const part of ['name: shop-v3', 'image: example.com/shop:1.1', 'revisionName: shop-v3'])
    assert.match(released, part)
  assert.match(
    box.read('.git/gh.log'),
    'pr create --head kn-rollout/release-42 --base main --title release: shop/shop ',
  )
})

// --- comments that are commands ---------------------------------------------------------------------------------------

/** A pull request from the branch `canary` that moves half of the traffic. */
function requested(): Box {
  const box = withRemote(repository())
  box.git('switch', '--quiet', '--create', 'canary')
  box.write({ 'apps/shop.yaml': shop(50) })
  box.commit()
  box.git('push', '--quiet', 'origin', 'canary')
  return box
}

type Said = {
  readonly comment: string
  readonly rights?: string
  readonly state?: string
  /** Whether the branch is of this repository. */
  readonly isHere?: string
}

/** Somebody comments on the pull request; gives back the run, and what the branch has now. */
async function said(box: Box, { comment, rights = 'write', state = 'open', isHere = 'true' }: Said): Promise<Finished> {
  const [base, head] = ['main', 'canary'].map((name) => box.git('rev-parse', name).trim())
  box.program(
    'gh',
    `case "$2" in
  */permission) echo ${rights} ;;
  */pulls/7) echo '${state} ${isHere} ${base} ${head} canary' ;;
  *) exit 1 ;;
esac`,
  )
  const github = {
    'github.token': 't',
    'github.repository': 'acme/shop',
    'github.event.comment.body': comment,
    'github.event.comment.user.login': 'ann',
    'github.event.issue.number': '7',
  }
  return runWorkflow(box, 'command.yml', { github, event: { issue: { number: 7, pull_request: {} } } })
}

const pushed = (box: Box): string => box.git('show', 'origin/canary:apps/shop.yaml')

test('a command is only looked at on pull requests, and where it looks like one', () => {
  const { if: condition = '' } = jobOf('command.yml')
  assert.is(condition, "github.event.issue.pull_request && startsWith(github.event.comment.body, '/kn-rollout ')")
})

for (const [comment, percent] of [
  ['/kn-rollout promote', 'promote: shop/shop'],
  ['/kn-rollout next\r\n', 'promote: shop/shop'],
  ['/kn-rollout rollback  ', 'rollback: shop/shop'],
] as const)
  test(`${JSON.stringify(comment)} of a writer commits the stage to the branch`, async () => {
    const box = requested()
    const { status, log } = await said(box, { comment })
    assert.is(status, 0, log)
    assert.is(box.git('log', '-1', '--format=%s', 'origin/canary').trim(), percent, log)
    assert.not.match(pushed(box), 'percent: 50')
  })

test('a command moves the Services that the pull request changes, and none beside them', async () => {
  const cart = shop(50).replaceAll('shop', 'cart')
  const box = withRemote(repository({ 'apps/shop.yaml': `${shop(100)}---\n${cart}`, 'apps/cart.yaml': cart }))
  box.git('switch', '--quiet', '--create', 'canary')
  box.write({ 'apps/shop.yaml': `${shop(50)}---\n# of another team\n${cart}`, 'apps/cart.yaml': `# new\n${cart}` })
  box.commit()
  box.git('push', '--quiet', 'origin', 'canary')
  const { status, log } = await said(box, { comment: '/kn-rollout promote' })
  assert.is(status, 0, log)
  assert.is(box.git('log', '-1', '--format=%s', 'origin/canary').trim(), 'promote: shop/shop', log)
  assert.is(box.git('diff', '--stat=99', 'HEAD~1', 'HEAD', '--', 'apps/cart.yaml'), '')
  assert.ok(pushed(box).endsWith(cart))
})

test('a pull request that changes no Service moves none', async () => {
  const box = withRemote(repository())
  box.git('switch', '--quiet', '--create', 'canary')
  box.write({ 'apps/shop.yaml': `# a remark\n${shop(100)}` })
  box.commit()
  box.git('push', '--quiet', 'origin', 'canary')
  const before = box.git('rev-parse', 'HEAD')
  const { status, log } = await said(box, { comment: '/kn-rollout promote' })
  assert.is(status, 0, log)
  assert.is(box.git('rev-parse', 'origin/canary'), before)
})

const refused: readonly (readonly [name: string, said: Said, why: string])[] = [
  ['another word', { comment: '/kn-rollout retire' }, 'the comment is no command'],
  ['words behind it', { comment: '/kn-rollout next --force' }, 'the comment is no command'],
  ['what a shell would run', { comment: '/kn-rollout next; touch pwned' }, 'the comment is no command'],
  ['what a shell would put in', { comment: '/kn-rollout $(touch pwned)' }, 'the comment is no command'],
  ['a second line', { comment: '/kn-rollout next\ntouch pwned' }, 'the comment is no command'],
  ['a reader', { comment: '/kn-rollout promote', rights: 'read' }, 'only people who can push'],
  ['a stranger', { comment: '/kn-rollout promote', rights: 'none' }, 'only people who can push'],
  ['the branch of a fork', { comment: '/kn-rollout promote', isHere: 'false' }, 'belongs to a fork'],
  ['a closed pull request', { comment: '/kn-rollout promote', state: 'closed' }, 'is closed'],
]
for (const [name, given, why] of refused)
  test(`${name} changes nothing`, async () => {
    const box = requested()
    const { status, log } = await said(box, given)
    assert.is(status, 0, log)
    assert.match(
      log,
      `nothing done: ${why.startsWith('belongs') ? 'the branch ' : why.startsWith('is ') ? 'the pull request ' : ''}${why}`,
    )
    assert.is(pushed(box), shop(50))
    assert.is(box.git('status', '--short'), '')
  })

test('a branch that has moved on meanwhile is not overwritten', async () => {
  const box = requested()
  const before = box.git('rev-parse', 'canary').trim()
  box.git('switch', '--quiet', '--create', 'other')
  box.write({ 'readme.txt': 'newer' })
  box.commit()
  box.git('push', '--quiet', 'origin', 'other:canary')
  const newer = box.git('rev-parse', 'other').trim()
  box.git('switch', '--quiet', 'canary')
  assert.is(box.git('rev-parse', 'HEAD').trim(), before)
  const { status, log } = await said(box, { comment: '/kn-rollout promote' })
  assert.is.not(status, 0, log)
  box.git('fetch', '--quiet', 'origin')
  assert.is(box.git('rev-parse', 'origin/canary').trim(), newer)
})

test.run()
