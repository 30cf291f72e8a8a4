// The page of `status`: what is on it, that no text gets out of its place, that its colours can be told apart.
import { createHash } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { statusOf, type Status, type StatusRow } from '../../src/pipeline/status.js'
import { statusHtml } from '../../src/report/status-html.js'
import { areasOf, colourKeys, statusStyle } from '../../src/report/status-page.js'
import { commitPrefix } from '../../src/report/web-links.js'
import { at, committed } from '../rollouts.js'
import { hostile } from './outcomes.js'

const test = suite('page')
const prefix = 'https://github.com/acme/deploy/commit/'

function statusAfter(...texts: readonly string[]): Status {
  const files = [{ path: 'shop.yaml', text: texts.at(-1) ?? '' }]
  return statusOf(files, { histories: committed(texts), now: 3600, more: 'history' })
}

const rolled = statusAfter(
  at('v1=100', 'v1'),
  at('v1=100 v2=0:t', 'v2'),
  at('v1=50 v2=50:t', 'v2'),
  at('v1=10 v2=90:t', 'v2'),
)

const tag = /<(\/?)([a-z0-9]+)((?:\s+[a-zA-Z:-]+="[^"<>]*")*)(\/?)>/g

/** The elements of a page, by their names and attributes; throws where one is not closed, or a sign is no part of one. */
function elementsOf(html: string): readonly string[] {
  const open: string[] = []
  const found: string[] = []
  const body = html.replace('<!doctype html>', '').replace(/<style>[^]*<\/style>/, '')
  for (const [, end, name = '', attributes = '', isEmpty] of body.matchAll(tag)) {
    if (end === '/') assert.is(open.pop(), name)
    else {
      found.push(`${name}${attributes}`)
      if (isEmpty !== '/' && name !== 'meta') open.push(name)
    }
  }
  assert.equal(open, [])
  assert.not.match(body.replaceAll(tag, ''), /[<>]/)
  return found
}

test('a Service has its stage, age, next step, bars, and a step for each commit that changed its traffic', () => {
  const html = statusHtml(rolled, { now: 3600, commitPrefix: prefix })
  const elements = elementsOf(html)
  const text = html.replaceAll(/<style>[^]*<\/style>|<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
  assert.match(
    text,
    /Rollouts 1 Service: 1 rolling out, 0 unrecognized Read from files and Git at 1970-01-01 01:00 UTC/,
  )
  assert.match(
    text,
    / Stage ▶ 10\/90 Age 57m, since 1970-01-01 00:03 UTC in d000000 Next step promote Plan blue-green /,
  )
  assert.equal(elements.filter((one) => one.startsWith('h3 ')).length, 1)
  const links = elements.filter((one) => one.startsWith(`a href="${prefix}`))
  assert.is(links.length, 1 + 4 + 4, 'the age, the picture, the table')
  for (const commit of 'abcd') assert.ok(links.some((one) => one.includes(prefix + commit.padEnd(40, '0'))))
  assert.match(
    html,
    'aria-label="1970-01-01T00:02Z c000000: split, example-service-v1 50%, example-service-v2 50% (tag t)"',
  )
  assert.match(html, '<path class="r0" d="M0 100V0H100V0H200V50H300V90H400V100H300V100H200V100H100V100H0Z"/>')
  assert.match(html, '<path class="r1" d="M0 0V0H100V0H200V0H300V0H400V90H300V50H200V0H100V0H0Z"/>')
  for (const one of elements.filter((element) => /^(?:table|tr|th|td|thead|tbody)\b/.test(element)))
    assert.match(one, /role="/, 'a table is one for those who hear it, however it is laid out')
})

test('it loads and runs nothing, and its only style is the one that its policy names', () => {
  const html = statusHtml(rolled, { now: 0, commitPrefix: prefix })
  const [, style = ''] = /<style>([^]*)<\/style>/.exec(html) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  assert.match(html, `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
  assert.not.match(html, /<script|<link|<img|<iframe|\sstyle=|\son\w+=|url\(|@import|javascript:/i)
})

test('without a host that is known, commits are plain hashes', () => {
  const html = statusHtml(rolled, { now: 3600 })
  assert.not.match(html, 'https://')
  assert.match(html, 'in <code>d000000</code>')
})

test('whatever a repository calls things, it stays text', () => {
  for (const text of [
    ...hostile,
    '"><script>alert(1)</script>',
    '</title></style><img src=x onerror=a>',
    "' onload='a",
  ]) {
    const [row] = rolled.rows as readonly [StatusRow]
    const traffic = [{ revision: { name: text }, percent: 100, tag: text }]
    const step = { brought: { commit: text, time: 0 }, traffic, templateName: text, stage: text }
    const nasty: StatusRow = {
      ...row,
      file: text,
      label: text,
      root: text,
      plan: text,
      stage: text,
      traffic,
      since: { unknown: text },
      next: { stage: text },
      history: { steps: [step], isCut: true, unread: 1 },
    }
    const diagnostics = [{ code: 'KN101', severity: 'error', message: text, file: text } as const]
    const html = statusHtml({ ...rolled, rows: [nasty], diagnostics }, { now: 0, commitPrefix: prefix })
    const plain = elementsOf(
      statusHtml({ ...rolled, rows: [{ ...nasty, label: 'a' }] }, { now: 0, commitPrefix: prefix }),
    )
    const names = new Set(plain.map((one) => one.split(/\s/)[0]))
    for (const one of elementsOf(html)) assert.ok(names.has(one.split(/\s/)[0]) || /^(?:ul|li|h2)\b/.test(one), one)
    assert.not.match(html, /[\u0000-\u0009\u000B-\u001F\u202E]/)
  }
})

test('an empty repository has a page, too', () => {
  const html = statusHtml({ ...rolled, rows: [], diagnostics: [] }, { now: 0 })
  assert.match(html, 'No Knative Service was found.')
  elementsOf(html)
})

test('areas stand one upon another, and fill what there is', () => {
  const steps = [
    { traffic: [{ revision: { latest: true as const }, percent: 100 }], templateName: 'a' },
    {
      traffic: [
        { revision: { name: 'a' }, percent: 30 },
        { revision: { name: 'b' }, percent: 70 },
      ],
    },
    {},
    {
      traffic: [
        { revision: { name: 'b' }, percent: 150 },
        { revision: { name: 'c' }, percent: 50 },
        { revision: { name: 'd' }, percent: -5 },
      ],
    },
  ]
  assert.equal(
    [...colourKeys(steps)],
    [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 3],
    ],
  )
  assert.equal(
    areasOf(steps).map(({ key, spans }) => `${key} ${spans.map(({ start, size }) => `${start}+${size}`).join(' ')}`),
    ['a 0+100 0+30 0+0 0+0', 'b 100+0 30+70 0+0 0+75', 'c 100+0 100+0 0+0 75+25'],
  )
})

const remotes: readonly (readonly [remote: string, expected: string | undefined])[] = [
  ['https://github.com/acme/deploy.git', prefix],
  ['https://user:secret@github.com/acme/deploy', prefix],
  ['git@github.com:acme/deploy.git', prefix],
  ['ssh://git@github.com:22/acme/deploy.git', prefix],
  ['https://GitHub.com/acme/deploy/', prefix],
  ['https://gitlab.com/acme/team/deploy.git', 'https://gitlab.com/acme/team/deploy/-/commit/'],
  ['git@bitbucket.org:acme/deploy.git', 'https://bitbucket.org/acme/deploy/commits/'],
  ['https://codeberg.org/acme/deploy', 'https://codeberg.org/acme/deploy/commit/'],
  ['https://git.acme.dev/acme/deploy.git', undefined],
  ['https://github.com.evil.dev/acme/deploy.git', undefined],
  ['https://evil.dev/?github.com/acme/deploy', undefined],
  ['https://github.com/acme', undefined],
  ['https://github.com/acme/../../x/y', undefined],
  ['https://github.com/acme/de"onload="ploy', undefined],
  ['javascript:alert(1)//github.com/a/b', undefined],
  ['/srv/git/deploy.git', undefined],
  ['constructor:acme/deploy', undefined],
  ['', undefined],
]

for (const [remote, expected] of remotes)
  test(`commits of ${remote || 'no remote'}`, () => {
    assert.is(commitPrefix(remote), expected)
  })

/** The variables of both colour schemes. */
function schemes(): readonly ReadonlyMap<string, string>[] {
  const [, dark = ''] = /prefers-color-scheme: dark\) \{([^]*?)\n\}/.exec(statusStyle) ?? []
  const light = statusStyle.slice(0, statusStyle.indexOf('@media'))
  return [light, dark].map(
    (text) =>
      new Map([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value])),
  )
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((from) => {
    const part = Number.parseInt(colour.slice(from, from + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

test('text has a contrast of 4.5 in both colour schemes, and what is drawn one of 3', () => {
  const [light, dark] = schemes()
  assert.equal([...(light?.keys() ?? [])], [...(dark?.keys() ?? [])])
  for (const colours of schemes()) {
    const of = (name: string): string => colours.get(name) ?? '#000000'
    for (const text of ['text', 'soft', 'link'])
      for (const ground of ['page', 'card']) assert.ok(contrast(of(text), of(ground)) >= 4.5, `${text} on ${ground}`)
    assert.ok(contrast(of('warn'), of('warn-page')) >= 4.5, 'warn')
    for (let number = 0; number < 8; number++)
      for (const ground of ['page', 'card', 'plot'])
        assert.ok(
          contrast(of(`r${number}`), of(ground)) >= 3,
          `r${number} on ${ground}: ${contrast(of(`r${number}`), of(ground))}`,
        )
  }
})

test.run()
