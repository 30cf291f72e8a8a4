// The comment that the action keeps on a pull request, against a stand-in for the API of GitHub that records every request.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { commentOf, keepComment, longest, markerOf } from '../../.action/comment.js'
import {
  type Box,
  type Finished,
  pullRequest,
  repository,
  runAction,
  shop,
  traffic,
  type Values,
} from './action-runs.js'
import { Forge } from './forge.js'
import { assertQuiet, attacks } from './hostile.js'
import { service } from './manifests.js'

const test = suite('action-comment')

const secret = 'ghs_VerySecretToken'
const marker = markerOf({ command: 'check', folder: '.' })

/** Runs `check` for a pull request, and sees that the token is in no place where people could read it. */
async function checked(
  box: Box,
  forge: Forge,
  { given = {}, event = pullRequest('main') }: { readonly given?: Values; readonly event?: object } = {},
): Promise<Finished> {
  const environment = { GITHUB_API_URL: forge.url }
  const ran = await runAction(box, { token: secret, ...given }, { event, environment })
  for (const text of [ran.log, ran.summary, JSON.stringify(ran.outputs)]) assert.not.match(text, secret)
  for (const { body, path } of forge.requests) assert.not.match(`${path} ${body}`, secret)
  return ran
}

function broken(box: Box): Box {
  box.write({ 'apps/shop.yaml': shop(100).replace('percent: 0', 'percent: 10') })
  return box
}

async function withForge(run: (forge: Forge) => Promise<void>, self?: { id: number; isBot: boolean }): Promise<void> {
  const forge = await Forge.open('github', self)
  try {
    await run(forge)
  } finally {
    forge.close()
  }
}

const post = 'POST /repos/acme/shop/issues/7/comments'
const list = (page: number): string => `GET /repos/acme/shop/issues/7/comments?per_page=100&page=${page}`

test('creates one comment, and updates it in place', () =>
  withForge(async (forge) => {
    const box = broken(repository())
    const first = await checked(box, forge)
    assert.is(first.status, 1)
    assert.equal(forge.asked, [list(1), post, list(1)])
    assert.is(first.outputs['comment'], `${forge.url}/comment/1000`)
    for (const { headers } of forge.requests) {
      assert.is(headers['authorization'], `Bearer ${secret}`)
      assert.is(headers['accept'], 'application/vnd.github+json')
      assert.is(headers['user-agent'], 'kn-rollout')
    }
    const [text = ''] = forge.comments.map(({ body }) => body)
    assert.ok(
      text.startsWith(`${marker}\n### Knative rollouts: what this change does\n\n1 Knative Service in 1 file: 1 error`),
    )
    assert.match(text, '| `shop/shop` |')
    assert.match(text, /\nFor commit aaaaaaa\. Later runs update this comment\.\n$/)

    box.write({ 'apps/shop.yaml': shop(50) })
    forge.requests.length = 0
    await checked(box, forge)
    assert.equal(forge.asked, [
      list(1),
      list(1)
        .replace('GET', 'PATCH')
        .replace(/7\/comments.*/, 'comments/1000'),
    ])
    assert.is(forge.comments.length, 1)
    assert.match(forge.comments[0]?.body ?? '', '`shop-v1` 50 % and `shop-v2` 50 %')

    forge.requests.length = 0
    await checked(box, forge)
    assert.equal(forge.asked, [list(1)], 'the same text is not written again')
  }))

test('finds its comment behind many others, one page after the other', () =>
  withForge(async (forge) => {
    for (let id = 1; id <= 230; id++) forge.comments.push({ id, body: `comment ${id}`, author: 5 })
    forge.comments.push({ id: 231, body: `${marker}\nold`, author: 1, isBot: true })
    await checked(broken(repository()), forge)
    assert.equal(forge.asked, [list(1), list(2), list(3), 'PATCH /repos/acme/shop/issues/comments/231'])
    forge.requests.length = 0
    forge.comments.length = 200
    await checked(broken(repository()), forge)
    assert.equal(forge.asked, [list(1), list(2), list(3), post, list(2), list(3)])
  }))

test('of two runs that create it at the same time, the younger one removes its own and gives the other its text', () =>
  withForge(async (forge) => {
    forge.rival = { text: `${marker}\nof the other run`, when: 'before' }
    const { status, outputs } = await checked(broken(repository()), forge)
    assert.is(status, 1)
    const place = '/repos/acme/shop/issues/comments'
    assert.equal(forge.asked, [list(1), post, list(1), `PATCH ${place}/1000`, `DELETE ${place}/1001`])
    assert.equal(
      forge.comments.map(({ id }) => id),
      [1000],
    )
    assert.match(forge.comments[0]?.body ?? '', '1 Knative Service in 1 file: 1 error')
    assert.is(outputs['comment'], `${forge.url}/comment/1000`)
  }))

test('of two runs that create it at the same time, the older one leaves both to the other', () =>
  withForge(async (forge) => {
    forge.rival = { text: `${marker}\nof the other run`, when: 'after' }
    const { outputs } = await checked(broken(repository()), forge)
    assert.equal(forge.asked, [list(1), post, list(1)])
    assert.is(outputs['comment'], `${forge.url}/comment/1000`)
  }))

test('a comment that a stranger writes at the same time is not taken for that of another run', async () => {
  const texts: string[] = []
  const pages = [
    [],
    [
      { id: 1, text: `${marker}\nforged` },
      { id: 2, text: `${marker}\nnew` },
    ],
  ]
  await keepComment(
    { marker, text: `${marker}\nnew`, isEmpty: false },
    {
      page: async () => pages.shift() ?? [],
      isOwn: async ({ id }) => id === 2,
      create: async (text) => (texts.push(text), { id: 2, address: '' }),
      update: assert.unreachable as never,
      remove: assert.unreachable as never,
    },
  )
  assert.is(texts.length, 1)
})

test('takes no comment of a stranger for its own, who could change it later', () =>
  withForge(async (forge) => {
    forge.comments.push({ id: 1, body: `${marker}\nall fine`, author: 66 })
    forge.comments.push({ id: 2, body: `> ${marker}`, author: 1, isBot: true })
    await checked(broken(repository()), forge)
    assert.equal(forge.asked, [list(1), 'GET /user', list(2), post, list(1)])
    assert.is(forge.comments[0]?.body, `${marker}\nall fine`)
  }))

test('a token of a person finds what that person has written', () =>
  withForge(
    async (forge) => {
      forge.comments.push({ id: 1, body: `${marker}\nforged`, author: 66 })
      forge.comments.push({ id: 2, body: `${marker}\r\nold`, author: 9 })
      await checked(broken(repository()), forge)
      assert.equal(forge.asked, [list(1), 'GET /user', 'PATCH /repos/acme/shop/issues/comments/2'])
    },
    { id: 9, isBot: false },
  ))

test("a fork's token cannot comment: the run says so, keeps the summary and ends as ever", () =>
  withForge(async (forge) => {
    for (const rights of ['read', 'none'] as const) {
      forge.rights = rights
      const event = pullRequest('main', { from: 'stranger/shop' })
      const { status, log, summary, outputs } = await checked(broken(repository()), forge, { event })
      assert.is(status, 1)
      assert.match(
        log,
        "\n::notice title=kn-rollout::no comment on the pull request: the token of a fork's pull request can only read; the summary of this step has the report\n",
      )
      assert.match(summary, '| `shop/shop` |')
      assert.is(outputs['comment'], '')
    }
    assert.equal(forge.asked, [list(1), 'POST /repos/acme/shop/issues/7/comments', list(1)])
    const own = await checked(broken(repository()), forge)
    assert.match(own.log, 'the token needs the right `pull-requests: write`')
  }))

for (const fault of [302, 404, 422, 500])
  test(`a service that answers with ${fault} fails no step, and gets the token at no other place`, () =>
    withForge(async (forge) => {
      forge.fault = fault
      const { status, log, outputs } = await checked(broken(repository()), forge)
      assert.equal([status, outputs['errors']], [1, '1'])
      const why = fault === 404 ? 'the token needs' : fault === 302 ? 'no answer' : `status ${fault}`
      assert.match(log, new RegExp(`^::notice title=kn-rollout::no comment on the pull request: .*${why}`, 'm'))
      assert.equal(forge.asked, [list(1)])
    }))

test('a service that is not there fails no step', async () => {
  const forge = await Forge.open('github')
  const { url } = forge
  forge.close()
  const environment = { GITHUB_API_URL: url }
  const event = pullRequest('main')
  const { status, log } = await runAction(broken(repository()), { token: secret }, { event, environment })
  assert.is(status, 1)
  assert.match(log, 'no answer')
  assert.not.match(log, secret)
})

test('where nothing has to be read it is folded, and where there is nothing to say there is no comment', () =>
  withForge(async (forge) => {
    const box = repository({ 'apps/shop.yaml': shop(100).replace('      tag: v2\n', '') })
    box.write({ 'readme.txt': 'changed' })
    await checked(box, forge)
    assert.equal(forge.asked, [list(1)], 'no Service is touched')
    await checked(box, forge, { given: { command: 'status', args: '--no-git\n--stage\nsplit' } })
    assert.is(forge.comments.length, 0)

    box.write({ 'apps/shop.yaml': `${box.read('apps/shop.yaml')}# a comment\n` })
    await checked(box, forge)
    const [text = ''] = forge.comments.map(({ body }) => body)
    assert.match(text, /\n<details><summary>1 Knative Service: 0 errors, 0 warnings, \d notes?<\/summary>\n\n/)
    assert.match(text, /\n\n<\/details>\n\nFor commit/)

    box.git('checkout', '--quiet', 'apps')
    await checked(box, forge)
    assert.is(forge.comments.length, 1)
    assert.match(
      forge.comments[0]?.body ?? '',
      '<summary>0 Knative Services: ',
      'what is no longer so is not left there',
    )
  }))

test('a report of any size fits, and one that does not is left to the run', () =>
  withForge(async (forge) => {
    const many = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [
        `apps/${'long-'.repeat(30)}${index}.yaml`,
        service(traffic(100).replace('percent: 0', 'percent: 7'), { name: `shop-${index}`, namespace: 'n'.repeat(60) }),
      ]),
    )
    const box = repository()
    box.write(many)
    const { status, log } = await checked(box, forge)
    assert.is(status, 1)
    assert.not.match(log, 'no comment')
    const [text = ''] = forge.comments.map(({ body }) => body)
    assert.ok(text.length > 20_000 && text.length <= longest, String(text.length))
    box.write(Object.fromEntries(Object.keys(many).map((name) => [name, shop(50)])))
    forge.comments.length = 0
    await checked(box, forge, { given: { command: 'status', args: '--no-git' } })
    const [status_ = ''] = forge.comments.map(({ body }) => body)
    assert.ok(status_.length > 0 && status_.length <= longest, String(status_.length))
  }))

test('a report that is too long for a comment is left to the run', () => {
  const wish = { command: 'status', words: [], folder: '.' } as const
  const json = { diagnostics: [{ severity: 'warning' }], services: [{ file: 'a.yaml', line: 1, name: 'a' }] } as const
  const made = (size: number): string => {
    const reports = { json, markdown: 'x'.repeat(size), files: { json: '', markdown: '' } }
    return commentOf(wish, { status: 0, reports }, 'b'.repeat(40)).text
  }
  assert.match(made(60_000), 'xxx')
  assert.is(made(longest + 1), made(10 ** 6))
  assert.match(
    made(longest),
    '\n1 Knative Service: 0 errors, 1 warning, 0 notes.\n\nThe report is too long for a comment: see the run.\n',
  )
})

test('a run without a report corrects an earlier comment, and writes none of its own', () =>
  withForge(async (forge) => {
    const box = broken(repository())
    const given = { args: '--unknown-option' }
    assert.is((await checked(box, forge, { given })).status, 2)
    assert.equal(forge.asked, [list(1)])
    forge.comments.push({ id: 1, body: `${marker}\nall fine`, author: 1, isBot: true })
    await checked(box, forge, { given })
    assert.match(forge.comments[0]?.body ?? '', '\nThe run ended without a report: see the run.\n\nFor commit aaaaaaa.')
  }))

test('nothing that a stranger has written acts in it', () =>
  withForge(async (forge) => {
    const box = repository()
    for (const [index, attack] of attacks.entries())
      box.write({
        [`apps/${index}.yaml`]: service(traffic(90), {
          name: JSON.stringify(attack),
          namespace: JSON.stringify(attack),
        }),
      })
    await checked(box, forge)
    const [text = ''] = forge.comments.map(({ body }) => body)
    assert.ok(text.length > 1000)
    assertQuiet(text, 'the comment')
    // What is not code is ours: no name of a person, no address, no tag but those that fold.
    const prose = text
      .split('\n')
      .map((line) => line.replaceAll(/(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)/g, ''))
      .join('\n')
    assert.not.match(prose, /@\w|https?:|<(?!details>|summary>|\/details>|\/summary>|br>|!-- kn-rollout check)/)
    assert.not.match(prose, /^\s*\//m, 'no line is a command of GitLab')
    assert.is(text.split(marker).length, 2)
  }))

test('each command and directory has its own comment; `comment: false` and other events have none', () =>
  withForge(async (forge) => {
    const box = broken(repository())
    await checked(box, forge)
    await checked(box, forge, { given: { command: 'validate' } })
    await checked(box, forge, { given: { command: 'validate', 'working-directory': 'apps' } })
    const markers = forge.comments.map(({ body }) => body.split('\n')[0])
    assert.equal(markers, [marker, '<!-- kn-rollout validate . -->', '<!-- kn-rollout validate apps -->'])
    assert.not.match(markerOf({ command: 'check', folder: 'a--><img>' }), /--.*--.*--|<img/)
    forge.requests.length = 0
    await checked(box, forge, { given: { comment: 'false' } })
    await checked(box, forge, { event: { before: 'HEAD' } })
    await checked(box, forge, { event: { before: 'HEAD', issue: { number: 3 } } })
    await checked(box, forge, { event: { pull_request: { number: '7/../8', base: { sha: 'HEAD' } } } })
    assert.equal(forge.asked, [])
    const { log } = await checked(box, forge, { given: { token: '' } })
    assert.match(log, 'the input `token` is empty')
    await checked(box, forge, { event: { before: 'HEAD', issue: { number: 7, pull_request: {} } } })
    assert.equal(forge.asked, [list(1), 'PATCH /repos/acme/shop/issues/comments/1000'])
  }))

test('looks through a bounded number of pages', async () => {
  let pages = 0
  const address = await keepComment(
    { marker, text: `${marker}\nx`, isEmpty: false },
    {
      page: async () => {
        pages++
        return [{ id: pages, text: 'another' }]
      },
      isOwn: async () => true,
      create: async () => ({ id: 7, address: 'created' }),
      update: assert.unreachable as never,
      remove: assert.unreachable as never,
    },
  )
  assert.equal([address, pages], ['created', 102])
})

test.run()
