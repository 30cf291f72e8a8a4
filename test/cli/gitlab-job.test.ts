// The component of GitLab in docs/, as a runner would run it, against a stand-in for GitLab's API that records every request.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'

import { markerOf } from '../../.action/comment.js'
import { type Box, repository, root, shop, type Values } from './action-runs.js'
import { Forge } from './forge.js'

type Spec = {
  readonly spec: {
    readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string | boolean }>>
  }
}
type Jobs = Readonly<
  Record<
    'kn-rollout',
    {
      readonly variables: Readonly<Record<string, string>>
      readonly script: readonly string[]
      readonly artifacts: { readonly reports: { readonly codequality: string } }
    }
  >
>

const documents = parseAllDocuments(readFileSync(path.join(root, 'docs/gitlab-ci.yml'), 'utf8'))
const [{ spec }, { 'kn-rollout': job }] = documents.map((one) => one.toJS() as unknown) as [Spec, Jobs]
const file = readFileSync(path.join(root, '.action/main.cjs'))
const checksum = createHash('sha256').update(file).digest('hex')
const secret = 'glpat-VerySecret'
const marker = markerOf({ command: 'check', folder: '.' })

const test = suite('gitlab-job')

/** Runs the job with these inputs, in the pipeline of a merge request; the file comes from this repository. */
async function runJob(
  box: Box,
  given: Values,
  variables: Values,
): Promise<{ readonly status: number; readonly log: string }> {
  for (const name of Object.keys(given)) assert.ok(spec.inputs[name], `${name} is an input`)
  box.program('curl', `while [ "$1" != --output ]; do shift; done; cp '${root}.action/main.cjs' "$2"`)
  const inputs: Readonly<Record<string, string | undefined>> = {
    program: 'https://example.com/main.cjs',
    sha256: checksum,
    ...given,
  }
  const filled = Object.entries(job.variables).map(([name, value]) => [
    name,
    value.replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, (_, input: string) => {
      return String(inputs[input] ?? spec.inputs[input]?.default ?? '')
    }),
  ])
  const ran = await box.started('bash', ['-eo', 'pipefail', '-c', job.script.join('\n')], {
    ...(Object.fromEntries(filled) as Values),
    GITLAB_CI: 'true',
    CI_MERGE_REQUEST_DIFF_BASE_SHA: 'HEAD',
    CI_MERGE_REQUEST_IID: '7',
    CI_MERGE_REQUEST_PROJECT_ID: '42',
    CI_COMMIT_SHA: 'c'.repeat(40),
    KN_ROLLOUT_TOKEN: secret,
    ...variables,
  })
  assert.not.match(ran.log, secret)
  return ran
}

async function withForge(run: (forge: Forge) => Promise<void>): Promise<void> {
  const forge = await Forge.open('gitlab', { id: 5, isBot: false })
  try {
    await run(forge)
  } finally {
    forge.close()
  }
}

function broken(): Box {
  const box = repository()
  box.write({ 'apps/shop.yaml': shop(100).replace('percent: 0', 'percent: 10') })
  return box
}

const notes = '/projects/42/merge_requests/7/notes'
const list = (page: number): string => `GET ${notes}?sort=asc&order_by=created_at&per_page=100&page=${page}`

test('inputs are described and reach no script as text', () => {
  for (const [name, { description }] of Object.entries(spec.inputs)) assert.ok(description, name)
  assert.not.match(job.script.join('\n'), '[[ inputs')
})

test('writes the code quality report that it hands over, and one note that it updates in place', () =>
  withForge(async (forge) => {
    const box = broken()
    const first = await runJob(box, {}, { CI_API_V4_URL: forge.url })
    assert.is(first.status, 1, first.log)
    assert.match(first.log, /apps\/shop\.yaml:\d+:\d+: error: .*\[KN301/)
    const report = JSON.parse(box.read(job.artifacts.reports.codequality)) as readonly { readonly check_name: string }[]
    assert.ok(report.some(({ check_name: code }) => code === 'KN301 traffic-sum'))
    assert.equal(forge.asked, [list(1), `POST ${notes}`, list(1), 'GET /user'])
    for (const { headers } of forge.requests) assert.is(headers['private-token'], secret)
    assert.ok(forge.comments[0]?.body.startsWith(`${marker}\n`))
    assert.match(forge.comments[0]?.body ?? '', '\nFor commit ccccccc. ')

    forge.comments.unshift(
      ...Array.from({ length: 120 }, (_, index) => ({
        id: index,
        body: index === 3 ? `${marker}\nforged` : 'x',
        author: 8,
      })),
    )
    forge.requests.length = 0
    box.write({ 'apps/shop.yaml': shop(50) })
    const second = await runJob(box, {}, { CI_API_V4_URL: forge.url })
    assert.is(second.status, 0, second.log)
    assert.equal(forge.asked, [list(1), 'GET /user', list(2), `PUT ${notes}/1000`])
    assert.is(forge.comments[3]?.body, `${marker}\nforged`)
    assert.match(forge.comments.at(-1)?.body ?? '', '`shop-v1` 50 % and `shop-v2` 50 %')
  }))

test('of two jobs that create the note at the same time, the younger one removes its own', () =>
  withForge(async (forge) => {
    forge.rival = { text: `${marker}\nof the other job`, when: 'before' }
    await runJob(broken(), {}, { CI_API_V4_URL: forge.url })
    assert.equal(forge.asked.slice(-2), [`PUT ${notes}/1000`, `DELETE ${notes}/1001`])
    assert.is(forge.comments.length, 1)
    assert.match(forge.comments[0]?.body ?? '', '1 error')
  }))

test('without a token that may write, the job says so and ends as ever', () =>
  withForge(async (forge) => {
    forge.rights = 'read'
    const refused = await runJob(broken(), {}, { CI_API_V4_URL: forge.url })
    assert.is(refused.status, 1)
    assert.match(refused.log, 'no note on the merge request: `KN_ROLLOUT_TOKEN` needs the scope `api`')
    forge.requests.length = 0
    const none = await runJob(broken(), {}, { CI_API_V4_URL: forge.url, KN_ROLLOUT_TOKEN: '' })
    assert.equal([none.status, forge.asked.length], [1, 0])
    assert.match(none.log, 'no note on the merge request: `KN_ROLLOUT_TOKEN` is not set for this job')
    const unwanted = await runJob(broken(), { note: 'false' }, { CI_API_V4_URL: forge.url })
    assert.equal([unwanted.status, forge.asked.length], [1, 0])
  }))

test('no note where nothing is to be said, nor outside of a merge request', () =>
  withForge(async (forge) => {
    const quiet = await runJob(repository(), {}, { CI_API_V4_URL: forge.url })
    assert.is(quiet.status, 0, quiet.log)
    assert.equal(forge.asked, [list(1)])
    const given = { command: 'status', args: '--no-git', paths: 'apps' }
    const outside = await runJob(repository(), given, { CI_API_V4_URL: forge.url, CI_MERGE_REQUEST_IID: '' })
    assert.is(outside.status, 0, outside.log)
    assert.match(outside.log, /shop.*preview/)
    assert.is(forge.asked.length, 1)
  }))

test('a file with another checksum is not run', async () => {
  const box = broken()
  const { status } = await runJob(box, { sha256: '0'.repeat(64) }, { CI_API_V4_URL: 'http://127.0.0.1:9' })
  assert.is(status, 1)
  assert.not.ok(existsSync(box.path('gl-code-quality-report.json')))
})

test.run()
