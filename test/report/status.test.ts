// The table of `status`: what it looks like in terminals of any width, in any script, and as Markdown.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { type Share, statusOf, type Status } from '../../src/pipeline/status.js'
import {
  asciiGlyphs,
  bar,
  cutMiddle,
  paint,
  restText,
  spanText,
  unicodeGlyphs,
  widthOf,
  widthsFor,
} from '../../src/report/cells.js'
import { statusMarkdown, statusText, type TableOptions } from '../../src/report/status.js'
import { service } from '../cli/manifests.js'

const test = suite('report/status')
const now = 1_767_225_600
const plain = { colours: paint(false), glyphs: unicodeGlyphs, now }

function traffic(...targets: readonly (readonly [name: string, percent: number, tag?: string])[]): string {
  const entries = targets.map(([name, percent, tag]) => {
    return `    - revisionName: ${JSON.stringify(name)}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${JSON.stringify(tag)}\n`}`
  })
  return `  traffic:\n${entries.join('')}`
}

function statusFor(...services: readonly (readonly [name: string, text: string])[]): Status {
  const files = services.map(([name, text], index) => {
    return { path: `apps/${index}/ksvc.yaml`, text: service(text, { name: JSON.stringify(name), namespace: 'prod' }) }
  })
  const version = { commit: 'a'.repeat(40), time: now - 100_000, path: 'x' }
  const histories = new Map(
    files.map((file) => [file.path, { versions: [{ ...version, text: file.text }], isCut: false }]),
  )
  return statusOf(files, { histories, now })
}

const some = statusFor(
  ['cart', traffic(['cart-v1', 50], ['cart-v2', 50, 'v2'])],
  ['blog', ''],
  ['mail', traffic(['mail-1', 40], ['mail-2', 30], ['mail-3', 30])],
  [
    'a-service-with-quite-a-long-name',
    traffic(['a-service-with-quite-a-long-name-00041', 90], ['a-service-with-quite-a-long-name-00042', 10, 'next']),
  ],
)

function table(status: Status, options: Partial<TableOptions> = {}): readonly string[] {
  const lines = statusText(status, { ...plain, ...options }).split('\n')
  assert.is(lines.pop(), '')
  return lines
}

test('without a terminal nothing is cut', () => {
  assert.equal(table(some), [
    'SERVICE                                PLAN        STAGE        AGE    NEXT     TRAFFIC          STABLE                                  CANDIDATE                               TAG   FILE                URL',
    'prod/a-service-with-quite-a-long-name  blue-green  90/10        1d 3h  split    █████░ 90/10     a-service-with-quite-a-long-name-00041  a-service-with-quite-a-long-name-00042  next  apps/3/ksvc.yaml:4  http://next-a-service-with-quite-a-long-name.prod.example.com',
    'prod/blog                              blue-green  latest       1d 3h  –        ██████ 100       –                                       –                                       –     apps/1/ksvc.yaml:4  http://blog.prod.example.com',
    'prod/cart                              blue-green  split        1d 3h  promote  ███░░░ 50/50     cart-v1                                 cart-v2                                 v2    apps/0/ksvc.yaml:4  http://v2-cart.prod.example.com',
    'prod/mail                              blue-green  3 revisions  1d 3h  –        ██▒▒░░ 40/30/30  mail-1                                  –                                       –     apps/2/ksvc.yaml:4  http://mail.prod.example.com',
  ])
})

test('at 200 columns the URLs come in lines of their own, and the longest name is cut in its middle', () => {
  assert.equal(table(some, { width: 200 }), [
    'SERVICE                                PLAN        STAGE        AGE    NEXT     TRAFFIC          STABLE                                 CANDIDATE                               TAG   FILE',
    'prod/a-service-with-quite-a-long-name  blue-green  90/10        1d 3h  split    █████░ 90/10     a-service-with-qui…-a-long-name-00041  a-service-with-quite-a-long-name-00042  next  apps/3/ksvc.yaml:4',
    '  http://next-a-service-with-quite-a-long-name.prod.example.com',
    'prod/blog                              blue-green  latest       1d 3h  –        ██████ 100       –                                      –                                       –     apps/1/ksvc.yaml:4',
    'prod/cart                              blue-green  split        1d 3h  promote  ███░░░ 50/50     cart-v1                                cart-v2                                 v2    apps/0/ksvc.yaml:4',
    '  http://v2-cart.prod.example.com',
    'prod/mail                              blue-green  3 revisions  1d 3h  –        ██▒▒░░ 40/30/30  mail-1                                 –                                       –     apps/2/ksvc.yaml:4',
  ])
})

test('at 80 columns', () => {
  assert.equal(table(some, { width: 80 }), [
    'SERVICE                             STAGE        AGE    NEXT     TRAFFIC',
    'prod/a-service-wi…uite-a-long-name  90/10        1d 3h  split    █████░ 90/10',
    '  a-service-with-qui…-a-long-name-00041 → a-service-with-qui…-a-long-name-00042',
    '  http://next-a-service-with-quite-a-long-name.prod.example.com',
    'prod/blog                           latest       1d 3h  –        ██████ 100',
    'prod/cart                           split        1d 3h  promote  ███░░░ 50/50',
    '  cart-v1 → cart-v2  http://v2-cart.prod.example.com',
    'prod/mail                           3 revisions  1d 3h  –        ██▒▒░░ 40/30/30',
  ])
})

test('at 40 columns', () => {
  assert.equal(table(some, { width: 40, glyphs: asciiGlyphs }), [
    'SERVICE            STAGE        TRAFFIC',
    'prod/a-s..ng-name  90/10        90/10',
    'prod/blog          latest       100',
    'prod/cart          split        50/50',
    'prod/mail          3 revisions  40/30/30',
  ])
})

test('no line is wider than the terminal, whatever the width', () => {
  const wide = statusFor(['日本語のとても長い名前のサービス', traffic(['日本語-v1', 100], ['日本語-v2', 0, 'v2'])])
  for (const status of [some, wide])
    for (let width = 30; width <= 260; width++)
      for (const line of table(status, { width })) assert.ok(widthOf(line) <= width, `${width}: ${line}`)
})

test('colours mark what is under way, what is odd and what the candidate has', () => {
  const text = statusText(some, { ...plain, colours: paint(true) })
  assert.match(text, '\u001B[36msplit\u001B[0m')
  assert.match(text, '\u001B[1;33m3 revisions\u001B[0m')
  assert.match(text, '███\u001B[32m░░░\u001B[0m 50/50')
  assert.is(text.replaceAll(/\u001B\[[\d;]*m/g, ''), statusText(some, plain))
})

test('without Services there is no table', () => {
  assert.is(statusText(statusFor(), plain), '')
  assert.is(statusMarkdown(statusFor(), now), '0 Services: 0 rolling out, 0 unrecognized\n')
})

test('Markdown', () => {
  assert.equal(statusMarkdown(some, now).split('\n'), [
    '| Service | Stage | Age | Next | Traffic | Stable | Candidate | Tag | Plan | File |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    '| `prod/a-service-with-quite-a-long-name` | 90/10 | 1d 3h | split | `█████████░ 90/10` | `a-service-with-quite-a-long-name-00041` | `a-service-with-quite-a-long-name-00042` | [`next`](http://next-a-service-with-quite-a-long-name.prod.example.com) | blue-green | `apps/3/ksvc.yaml:4` |',
    '| `prod/blog` | latest | 1d 3h |  | `██████████ 100` |  |  |  | blue-green | `apps/1/ksvc.yaml:4` |',
    '| `prod/cart` | split | 1d 3h | promote | `█████░░░░░ 50/50` | `cart-v1` | `cart-v2` | [`v2`](http://v2-cart.prod.example.com) | blue-green | `apps/0/ksvc.yaml:4` |',
    '| `prod/mail` | 3 revisions | 1d 3h |  | `████▒▒▒░░░ 40/30/30` | `mail-1` |  |  | blue-green | `apps/2/ksvc.yaml:4` |',
    '',
    '4 Services: 2 rolling out, 1 unrecognized',
    '',
  ])
})

const hostile = '`a|b\\|<img src=x>[x](javascript:y)\u001B[31m\n@octocat \u202E'

test('hostile names are shown, not obeyed', () => {
  const status = statusFor([hostile, traffic([`${hostile}1`, 100], [`${hostile}2`, 0, hostile])])
  for (const width of [40, 80, 200, 2000]) {
    const text = statusText(status, { ...plain, width })
    assert.not.match(text, /[^\P{Cc}\n]|\u202E/u)
    for (const line of text.trimEnd().split('\n')) assert.ok(widthOf(line) <= width)
  }
  const page = statusMarkdown(status, now)
  assert.not.match(page, /[^\P{Cc}\n]|\u202E/u)
  const [head = '', , row = ''] = page.split('\n')
  // Code ends where as many back-quotes stand as it began with; a bar ends a cell unless one backslash is before it.
  const outside = row.replaceAll(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, (span) => {
    assert.not.match(span, /(?<!\\)(?:\\\\)*\|/)
    return ''
  })
  assert.is(outside.split('|').length, head.split('|').length, row)
  assert.not.match(outside, /[<\]`@\\]/)
})

function sharesOf(percents: readonly number[]): readonly Share[] {
  return percents.map((percent, index) => {
    return { revision: { name: String(index) }, percent, role: index === 0 ? 'stable' : 'candidate' }
  })
}

test('bars: what has a share has a cell', () => {
  for (const [percents, expected] of [
    [[100, 0], '██████'],
    [[99, 1], '█████░'],
    [[70, 30], '████░░'],
    [[50, 50], '███░░░'],
    [[1, 99], '█░░░░░'],
    [[0, 100], '░░░░░░'],
    [[0, 0], '      '],
    [[101, -1], '██████'],
    [[60, 50], '███░░░'],
  ] as const)
    assert.is(bar(sharesOf(percents), 6, unicodeGlyphs), expected, percents.join('/'))
  const many = Array.from({ length: 9 }, (_, index) => ({ revision: { name: String(index) }, percent: 11 }))
  assert.is(bar(many, 6, asciiGlyphs), '#=-#=-')
})

test('spans: the two largest units', () => {
  const spans = [0, 59, 60, 3599, 3600, 7260, 86_400, 100_000, 86_400 * 400 + 60, -5].map(spanText)
  assert.equal(spans, ['<1m', '<1m', '1m', '59m', '1h', '2h 1m', '1d', '1d 3h', '400d', '<1m'])
  assert.equal([1, 60, 61, 7199].map(restText), ['1m', '1m', '2m', '2h'])
})

test('names are cut in the middle, in cells', () => {
  assert.is(cutMiddle('abcdefgh', 8, '…'), 'abcdefgh')
  assert.is(cutMiddle('abcdefgh', 5, '…'), 'ab…gh')
  assert.is(cutMiddle('abcdefgh', 6, '..'), 'ab..gh')
  assert.is(cutMiddle('日本語日本語', 5, '…'), '日…語')
  assert.is(cutMiddle('abc', 1, '…'), '…')
})

test('widths: the widest is cut first, and none below its least', () => {
  const columns = [
    { natural: 10, least: 4 },
    { natural: 6, least: 6 },
  ]
  assert.equal(widthsFor(columns, 18), [10, 6])
  assert.equal(widthsFor(columns, 13), [5, 6])
  assert.is(widthsFor(columns, 11), undefined)
})

test('only names of hosts make a link of a tag', () => {
  const link = /`\]\(http/
  const linked = (name: string, tag: string): boolean =>
    link.test(statusMarkdown(statusFor([name, traffic([`${name}-v1`, 90], [`${name}-v2`, 10, tag])]), now))
  assert.is(linked('shop', 'v2'), true)
  for (const [name, tag] of [
    ['evil.example/', 'v2'],
    ['shop', 'evil.example/x'],
    ['shop', 'evil.example'],
    ['Shop', 'v2'],
    ['shop', 'v2)[x](http://evil.example'],
    ['evil.example', 'x'],
  ] as const)
    assert.is(linked(name, tag), false, `${name} ${tag}`)
})

test.run()
