// What a release is told by: images, assignments, and the names of revisions.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { parseImage } from '../src/manifest/names.js'
import { fillName, nextOwnName } from '../src/stages/naming.js'
import { assignedTwice, parseAssignment } from '../src/stages/release-fields.js'
import { imageFrom } from '../src/stages/template-edits.js'

const test = suite('release words')
const sum = `sha256:${'a1b2c3d4'.repeat(8)}`
const other = `sha256:${'0'.repeat(64)}`

const parts: readonly (readonly [text: string, name: string, tag?: string | undefined, digest?: string])[] = [
  ['nginx', 'nginx'],
  ['nginx:1.2', 'nginx', '1.2'],
  ['registry:5000/team/shop', 'registry:5000/team/shop'],
  ['registry:5000/team/shop:v1', 'registry:5000/team/shop', 'v1'],
  [`registry:5000/shop@${sum}`, 'registry:5000/shop', undefined, sum],
  [`shop:v1@${sum}`, 'shop', 'v1', sum],
  ['[::1]:5000/shop', '[::1]:5000/shop'],
  ['shop:', 'shop:'],
  ['', ''],
]

for (const [text, name, tag, digest] of parts)
  test(`takes apart ${text || 'nothing'}`, () => {
    assert.equal(parseImage(text), {
      name,
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
    })
  })

const versions: readonly (readonly [wanted: string, present: string, result: string])[] = [
  ['nginx:2', 'shop:1', 'nginx:2'],
  [':2', 'shop:1', 'shop:2'],
  [':2', 'shop', 'shop:2'],
  [':2', 'registry:5000/team/shop', 'registry:5000/team/shop:2'],
  [':2', 'registry:5000/team/shop:1', 'registry:5000/team/shop:2'],
  [':2', `shop:1@${sum}`, 'shop:2'],
  [':2', '${REGISTRY}/shop:1', '${REGISTRY}/shop:2'],
  [`@${other}`, 'registry:5000/shop:1', `registry:5000/shop@${other}`],
  [`@${other}`, `shop:1@${sum}`, `shop@${other}`],
  [`@${other}`, `shop@${sum}`, `shop@${other}`],
  [`:2@${other}`, `shop:1@${sum}`, `shop:2@${other}`],
]

for (const [wanted, present, result] of versions)
  test(`${wanted} of ${present}`, () => {
    assert.is(imageFrom(wanted, present), result)
  })

for (const present of ['', '${IMAGE}', '$(image):1', '{{ .Values.image }}', 'team/', 'shop:'])
  test(`there is no other version of ${present || 'nothing'}`, () => {
    const refusal = imageFrom(':2', present)
    assert.equal(typeof refusal === 'string' ? refusal : [refusal.code, refusal.message], [
      'KN441',
      `cannot apply \`--image :2\`: the container's image is ${JSON.stringify(present)}, not an image of its repository`,
    ])
  })

test('reads assignments as kn and kubectl do', () => {
  assert.equal(parseAssignment('A=1'), { name: 'A', value: '1' })
  assert.equal(parseAssignment('A='), { name: 'A', value: '' })
  assert.equal(parseAssignment('A=b=c\nd'), { name: 'A', value: 'b=c\nd' })
  assert.equal(parseAssignment('A-'), { name: 'A', value: undefined })
  assert.equal(parseAssignment('A-=1'), { name: 'A-', value: '1' })
  assert.equal(parseAssignment('example.com/a-b=c'), { name: 'example.com/a-b', value: 'c' })
  for (const text of ['', '-', 'A', '=1', 'A B-', '\n-']) assert.is(parseAssignment(text), undefined, text)
  assert.is(
    assignedTwice([parseAssignment('A=1'), parseAssignment('B=1'), parseAssignment('A-')].flatMap((one) => one ?? [])),
    'A',
  )
  assert.is(assignedTwice([{ name: 'A', value: '1' }]), undefined)
})

/** The name that follows, where `taken` are in use. */
function follow(present: string, taken: readonly string[] = [], images: readonly [string?, string?] = []): string {
  const found = nextOwnName({
    service: 'shop',
    present,
    images: [images[0], images[1]],
    isFree: (name) => !taken.includes(name),
  })
  return 'name' in found ? found.name : found.code
}

const rows: readonly (readonly [present: string, next: string, taken?: readonly string[]])[] = [
  ['shop-v3', 'shop-v4'],
  ['shop-7', 'shop-8'],
  ['shop-v9', 'shop-v10'],
  ['shop-v009', 'shop-v010'],
  ['shop-v3', 'shop-v6', ['shop-v4', 'shop-v5']],
  ['shop-00003', 'shop-4'],
  ['shop-v00003', 'shop-v00004'],
  ['shop-99999', 'shop-100000'],
  ['shop-blue-2', 'shop-blue-3'],
  ['shop-20240131', 'shop-20240132'],
  ['shop-99999999999999999999', 'shop-100000000000000000000'],
  ['shop-blue', 'KN444'],
  ['shop-3fa2b14', 'KN444'],
  ['shop-abcdef12', 'KN444'],
  ['shop-2b', 'KN444'],
  ['other-v3', 'KN444'],
]

for (const [present, next, taken] of rows)
  test(`${present} is followed by ${next}${taken ? ' past the ones in use' : ''}`, () => {
    assert.is(follow(present, taken), next)
  })

test('a name that ends in the version of the image follows the image', () => {
  assert.is(follow('shop-1-2-0', [], ['shop:1.2.0', 'shop:1.3.0']), 'shop-1-3-0')
  assert.is(follow('shop-v1-2-0', [], ['shop:1.2.0', 'shop:2.0.0-rc.1']), 'shop-v2-0-0-rc-1')
  assert.is(follow('shop-1-2-0', ['shop-1-3-0'], ['shop:1.2.0', 'shop:1.3.0']), 'shop-1-2-1')
  assert.is(follow('shop-1-2-0', [], ['shop:1.2.0', 'shop:1.2.0']), 'shop-1-2-1')
  assert.is(follow('shop-v3', [], ['shop:3', 'shop:7']), 'shop-v4')
})

/** What a pattern gives for an image. */
function filled(pattern: string, image?: string): string {
  const name = fillName(pattern, {
    service: 'shop',
    image,
    template: { spec: { containers: [{ image: image ?? '', args: ['a'] }] }, metadata: {} },
    next: (before, behind) => (before === 'shop-v' && behind === '' ? 4 : 9),
  })
  return typeof name === 'string' ? name : `${name.code}: ${name.message}`
}

test('fills the words of a pattern in', () => {
  assert.is(filled('{{.Service}}-x'), 'shop-x')
  assert.is(filled('{{ .Service }}-{{.ImageTag}}', 'registry:5000/shop:1.2.0_RC'), 'shop-1-2-0-rc')
  assert.is(filled('shop-{{.ShortDigest}}', `shop:1@${sum}`), 'shop-a1b2c3d')
  assert.is(filled('{{.Service}}-v{{.Next}}'), 'shop-v4')
  assert.is(filled('{{.Service}}-v{{.Next}}-{{.ImageTag}}', 'shop:2'), 'shop-v9-2')
  assert.match(filled('shop-{{.Hash 7}}', 'shop:1'), /^shop-[0-9a-f]{7}$/)
  assert.is(filled('shop-{{.Hash}}', 'shop:1'), filled('shop-{{.Hash 7}}', 'shop:1'))
  assert.is.not(filled('shop-{{.Hash 7}}', 'shop:1'), filled('shop-{{.Hash 7}}', 'shop:2'))
})

const refused: readonly (readonly [pattern: string, message: RegExp, image?: string])[] = [
  ['shop-{{.Random 5}}', /`\{\{\.Random\}\}`: the same command twice must give the same diff/],
  [
    '{{.Service}}-{{.Generation}}',
    /KN444: `--revision-name` cannot contain `\{\{\.Generation\}\}`: only the cluster has the generation of a Service/,
  ],
  ['shop-{{.Wat}}', /KN444: unknown word `\{\{\.Wat\}\}` in `--revision-name`/],
  ['shop-{{.Service 3}}', /KN444: unknown word `\{\{\.Service 3\}\}` in `--revision-name`/],
  ['shop-{{.Hash 99}}', /KN444: `\{\{\.Hash\}\}` in `--revision-name` has the length `99`; must be 1 to 32/],
  ['shop-{{.Hash x}}', /KN444: `\{\{\.Hash\}\}` in `--revision-name` has the length `x`; must be 1 to 32/],
  ['shop-{{.Next}}-{{.Next}}', /KN444: `--revision-name` has `\{\{\.Next\}\}` twice/],
  [
    'shop-{{.ImageTag}}',
    /KN444: cannot expand `\{\{\.ImageTag\}\}` in `--revision-name`: the image "shop" has no tag/,
    'shop',
  ],
  ['shop-{{.ImageTag}}', /KN444: cannot expand `\{\{\.ImageTag\}\}` in `--revision-name`: the image "" has no tag/],
  [
    'shop-{{.ImageTag}}',
    /KN444: cannot expand `\{\{\.ImageTag\}\}` in `--revision-name`: the image "shop:_" has no tag/,
    'shop:_',
  ],
  [
    'shop-{{.ShortDigest}}',
    /KN444: cannot expand `\{\{\.ShortDigest\}\}` in `--revision-name`: the image "shop:1" has no digest/,
    'shop:1',
  ],
]

for (const [pattern, message, image] of refused)
  test(`refuses ${pattern} of ${image ?? 'no image'}`, () => {
    const answer = filled(pattern, image)
    assert.match(answer, /^KN444: /)
    assert.match(answer, message)
  })

test.run()
