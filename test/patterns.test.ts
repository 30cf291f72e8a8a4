// Patterns of other languages: what Go's regular expressions, globs and lines of a `.gitignore` fit.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { goPattern } from '../src/text/go-regexp.js'
import { globMatcher, ignorePatterns } from '../src/text/path.js'

const test = suite('patterns')

/** As `regexp.MatchString` of Go answers. */
const found: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['a|b', ['a', 'xb'], ['', 'c']],
  ['^(?:ab)+$', ['ab', 'abab'], ['', 'aba', 'xab']],
  ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
  ['^a{,2}$', ['a{,2}'], ['a', 'aa']],
  ['^a{0}b?c*?d+?$', ['d', 'bccdd'], ['ad', 'c']],
  ['(?i)^straße|k$', ['STRAßE', '\u212A', 'K'], ['STRASSE', 'x']],
  ['(?i:a)b', ['Ab'], ['AB']],
  ['^(?i)a(?-i)b$', ['Ab'], ['aB']],
  ['(?m)^b$', ['a\nb\nc'], ['a\nbc']],
  ['^.$', ['a', '😀'], ['\n', 'ab']],
  ['(?s)^.$', ['\n'], ['']],
  [String.raw`\Aa\z`, ['a'], ['a\n', 'ba']],
  [String.raw`\bab\b`, ['x ab', 'ab.'], ['abc', 'éab_']],
  [String.raw`^\B$`, [''], ['a']],
  [String.raw`^[\d\-x]+$`, ['1-x'], ['y']],
  ['^[^a-c]$', ['d', '\n'], ['b', '']],
  ['^[]a]$', [']', 'a'], ['b']],
  ['^[a-]$', ['-', 'a'], ['b']],
  ['^[[:alpha:][:digit:]_]+$', ['aZ9_'], ['é', '-']],
  ['^[[:^alpha:]]$', ['1', 'é'], ['a']],
  [String.raw`^\pL\p{Lu}\p{^Lu}\PN\p{Greek}$`, ['éAa-α'], ['éAA-α', 'éAa1α']],
  [String.raw`^\x41\x{1F600}\101\n\.\Qa.b\E$`, ['A😀A\n.a.b'], ['A😀A\n.axb']],
  ['^(?P<a>x)(?<b>y)$', ['xy'], ['x']],
  ['', ['', 'a'], []],
  ['(a*)*b', ['aab', 'b'], ['aaa']],
]
for (const [pattern, yes, no] of found)
  test(`Go finds ${JSON.stringify(pattern)}`, () => {
    const matcher = goPattern(pattern)
    if ('reason' in matcher) throw new Error(matcher.reason)
    assert.equal(
      [...yes, ...no].filter((text) => matcher.test(text)),
      yes,
    )
  })

const refused: readonly (readonly [pattern: string, reason: string])[] = [
  ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
  ['(?!a)', 'invalid or unsupported Perl syntax: `(?!`'],
  ['(?<=a)b', 'invalid named capture: `(?<=a)b`'],
  [String.raw`(a)\1`, 'invalid escape sequence: `\\1`'],
  [String.raw`\Z`, 'invalid escape sequence: `\\Z`'],
  [String.raw`\u0041`, 'invalid escape sequence: `\\u`'],
  [String.raw`\x{110000}`, 'invalid escape sequence: `\\x{110000}`'],
  ['a\\', 'trailing backslash at end of expression: ``'],
  ['a**', 'invalid nested repetition operator: `**`'],
  ['*a', 'missing argument to repetition operator: `*`'],
  ['a{1001}', 'invalid repeat count: `{1001}`'],
  ['a{3,1}', 'invalid repeat count: `{3,1}`'],
  ['(a{30}){40}', 'invalid repeat count: `{40}`'],
  ['[c-a]', 'invalid character class range: `c-a`'],
  ['[[:foo:]]', 'invalid character class range: `[:foo:]`'],
  ['[[:constructor:]]', 'invalid character class range: `[:constructor:]`'],
  [String.raw`\p{Foo}`, 'invalid character class range: `\\p{Foo}`'],
  ['[a', 'missing closing ]: `[a`'],
  ['(a', 'missing closing ): `(a`'],
  ['a)', 'unexpected ): `a)`'],
  ['(?P<a>x)(?P<a>y)', 'duplicate capture group name: `a`'],
  ['('.repeat(1001) + ')'.repeat(1001), `expression nests too deeply: \`${'('.repeat(1001)}${')'.repeat(1001)}\``],
  ['[a-z]{1000}'.repeat(11), 'expression is too large'],
]
for (const [pattern, reason] of refused)
  test(`Go refuses ${JSON.stringify(pattern.slice(0, 30))}`, () => {
    const fault = goPattern(pattern)
    assert.is('reason' in fault ? fault.reason : 'taken', reason)
  })

test('the time is in proportion to a text', () => {
  const text = 'a'.repeat(20_000)
  for (const pattern of ['^(a+)+$', '(a|a)*b', '(.*)*(.*)*x', '^(a?){300}a{300}b'])
    assert.is('test' in goPattern(pattern), true)
  for (const pattern of ['(a|a)*b', '(.*)*(.*)*x', '^(a?){300}a{300}b']) {
    const matcher = goPattern(pattern)
    assert.not.ok('test' in matcher && matcher.test(text))
  }
  assert.not.ok(globMatcher(`${'*a'.repeat(100)}*b`).test(text))
})

const globs: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['shop', ['shop'], ['shops', 'a/shop']],
  ['sh*', ['shop', 'sh'], ['s', 'sh/op']],
  ['s?op', ['shop', 's😀op'], ['sop', 's/op']],
  ['*/shop', ['a/shop', '/shop'], ['shop', 'a/b/shop']],
  ['apps/**', ['apps/a', 'apps/a/b', 'apps/'], ['apps', 'a/apps/b']],
  ['apps/**/a.yaml', ['apps/a.yaml', 'apps/b/c/a.yaml'], ['apps/ba.yaml']],
  ['**/a', ['a', 'b/c/a'], ['ba']],
  ['a.*', ['a.b'], ['ab']],
  ['(a+)+$*', ['(a+)+$b'], ['aa']],
]
for (const [pattern, yes, no] of globs)
  test(`the glob ${pattern} fits`, () => {
    const matcher = globMatcher(pattern)
    assert.equal(
      [...yes, ...no].filter((text) => matcher.test(text)),
      yes,
    )
  })

const lines: readonly (readonly [line: string, yes: readonly string[], no: readonly string[]])[] = [
  ['*.local.yaml', ['a.local.yaml'], ['a.yaml']],
  ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a/c']],
  ['/a', ['a'], ['b/a']],
  ['a/**/b', ['a/b', 'a/c/d/b'], ['ab', 'a/cb']],
  ['**/a/b', ['a/b', 'c/a/b'], ['ca/b']],
  ['[!a]b', ['cb'], ['ab']],
  ['[]a-c[:digit:]]', [']', 'b', '7'], ['d']],
  [String.raw`\#a\*`, ['#a*'], ['#ab']],
  ['a ', ['a'], ['a ']],
  [String.raw`a\ `, ['a '], ['a']],
  ['a\r', ['a'], ['a\r']],
  ['[a', [], ['[a', 'a']],
  ['# a', [], ['a', '# a']],
]
for (const [line, yes, no] of lines)
  test(`a .gitignore with ${JSON.stringify(line)} names`, () => {
    const patterns = ignorePatterns(`\n${line}\n`)
    assert.equal(
      [...yes, ...no].filter((text) => patterns.some(({ matcher }) => matcher.test(text))),
      yes,
    )
  })

test.run()
