import { distance } from 'fastest-levenshtein'

import { printable } from './printable.js'

/** Every candidate that `word` may have been meant to be, by the measure of `nearest`. */
export function near(word: string, candidates: Iterable<string>): readonly string[] {
  return [...candidates].filter((candidate) => nearest(word, [candidate]) !== undefined)
}

/**
 * The candidate that `word` was most likely meant to be, or undefined where none is near. Letter case counts for
 * nothing, and about one letter in three may be wrong. Two neighbours that changed places are one mistake.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const steps = isSwapped(wanted, candidate.toLowerCase()) ? 1 : distance(wanted, candidate.toLowerCase())
    if (steps >= least) continue
    best = candidate
    least = steps
  }
  return best
}

function isSwapped(word: string, other: string): boolean {
  if (word.length !== other.length || word === other) return false
  let at = 0
  while (word[at] === other[at]) at++
  return word[at] === other[at + 1] && word[at + 1] === other[at] && word.slice(at + 2) === other.slice(at + 2)
}

/** A number of things: `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/**
 * One word of a shell command, quoted where bash or zsh would read it otherwise. It is the same text for every program
 * that gets it, on one line that a report shows as it is.
 */
export function shellWord(text: string): string {
  return isPlainWord(text) ? text : inQuotes(text)
}

/** The shells that a command is made for: those of POSIX, or both cmd and PowerShell, which one quoting has to do for. */
export type Shell = 'posix' | 'windows'

/** One word of a command that is pasted where it is shown. */
export function wordFor(text: string, shell: Shell): string {
  return shell === 'windows' ? windowsWord(text) : shellWord(text)
}

/**
 * One word for cmd and PowerShell alike. Between double quotes both take nearly all for itself, and nothing runs. What
 * neither can be told is shown as a report shows it; `$` and a grave accent are spelled for PowerShell, and are another word
 * for cmd, which also puts a variable in the place of `%NAME%`.
 */
function windowsWord(text: string): string {
  // PowerShell gives `@` and commas a meaning, and parts a word that begins with a dash at a point or a colon.
  if (/^(?![@=]|-[^-].*[.:])[\w@+=:./\\-]+$/.test(text)) return text
  const visible = printable(text)
  // Its quotes may as well be curved ones.
  const spelled = visible.replaceAll(/[`$\u201C-\u201E]/g, '`$&')
  return `"${spelled.replaceAll(/(\\*)"/g, '$1$1""').replace(/\\+$/, '$&$&')}"`
}

/** Whether every shell takes the text for one word as it is. zsh takes what follows a `=` for the name of a program. */
export function isPlainWord(text: string): boolean {
  return /^(?!=)[\w@%+=:,./-]+$/.test(text)
}

/** The text in quotes, between which a shell takes every character for itself. */
export function inQuotes(text: string): string {
  // A report would spell these, or end its own quotes with them, and then the word would be another one.
  if (printable(text) === text && !text.includes('`')) return `'${text.replaceAll("'", String.raw`'\''`)}'`
  const known = new Map<string, string>()
  const spelled = Array.from(text, (character) => {
    const own = known.get(character) ?? (isLiteral(character) ? character : bytesOf(character))
    known.set(character, own)
    return own
  })
  return `$'${spelled.join('')}'`
}

/** A file as an argument: never taken for an option. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith('-') && path !== '-' ? `./${path}` : path)
}

/** An option with its value, as words: a value that begins with a dash is not taken for another option. */
export function optionWords(option: string, value: string): readonly string[] {
  return value.startsWith('-') ? [shellWord(`${option}=${value}`)] : [option, shellWord(value)]
}

/** What stays as it is between `$'` and `'`; an exclamation mark could call up a command from the history of a bash. */
function isLiteral(character: string): boolean {
  return printable(character) === character && !/[\\'`!#]/.test(character)
}

const encoder = new TextEncoder()

/** Bytes, as shells differ in which characters they can name. */
function bytesOf(character: string): string {
  return [...encoder.encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}

/** The farthest moment that a Date holds, in seconds. */
const latestSecond = 8_640_000_000_000

/** A moment (seconds since 1970) to the minute, the same everywhere: `2026-11-22T06:15Z`. */
export function utcMinute(seconds: number): string {
  return momentOf(seconds).replace(/:\d\d\.\d{3}Z$/, 'Z')
}

/** The same to the second, for programs: `2026-11-22T06:15:59Z`. */
export function utcSecond(seconds: number): string {
  return momentOf(seconds).replace('.000Z', 'Z')
}

/** What no Date can hold becomes the farthest moment that one can. */
function momentOf(seconds: number): string {
  return new Date(Math.max(-latestSecond, Math.min(latestSecond, Math.floor(seconds))) * 1000).toISOString()
}

/** A stretch of whole seconds as people write it: `1d`, `1h30m`, `45s`. */
export function durationText(seconds: number): string {
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24]
  const [minutes, rest] = [Math.floor(seconds / 60) % 60, seconds % 60]
  const parts = [
    days > 0 ? `${days}d` : '',
    hours > 0 ? `${hours}h` : '',
    minutes > 0 ? `${minutes}m` : '',
    rest > 0 ? `${rest}s` : '',
  ]
  return parts.join('') || '0s'
}

/** Bytes as Node reads them: comparing many at once takes less than one by one. */
export type Bytes = Uint8Array & {
  readonly compare: (other: Uint8Array, start: number, end: number, ownStart: number, ownEnd: number) => number
  readonly toString: (encoding: 'latin1', start: number, end: number) => string
}

/** A file as one commit left it. */
export type FileVersion = {
  /** The full hash. */
  readonly commit: string
  /** The committer's date in seconds since 1970: when it came to this line of history. */
  readonly time: number
  /** As the repository names the file then, with `/` between folders. */
  readonly path: string
  /**
   * Undefined where the commit removed the file, or left what is no text: no UTF-8, too large, a link. It may be read anew
   * each time that it is asked for: the past of a repository is larger than what is to be held of it.
   */
  readonly text: string | undefined
  /** The same as UTF-8, where that takes less than making it; it may be no text. */
  readonly bytes?: () => Bytes | undefined
  /** Takes an equal string in the place of the text: a large one is to be held once. */
  readonly holdAs?: (text: string) => void
  /** Set where the commit removed the file. */
  readonly isRemoved?: true
  /** The same for the same text: what was read of one need not be read of the other. */
  readonly id?: string
  /** Whether a name can stand in the text as a value, where that takes less than making it; never falsely no. */
  readonly mentions?: (name: string) => boolean
}

/** What became of a file, commit by commit. A file that Git does not know has no versions. */
export type FileHistory = {
  /** Newest first; only commits that changed the file, its name or its mode. */
  readonly versions: readonly FileVersion[]
  /** Whether there were older versions that are not here: behind a shallow clone, a limit, a failure. */
  readonly isCut: boolean
  /** Set where they are not here because the clone is shallow: fetching more brings them. */
  readonly isShallow?: true
  /** Why Git could not tell (all of) it, in one line of its own words. What rests on it is then not checked. */
  readonly failure?: string
  /** Why there can be no versions at all, where what was read is in no repository. */
  readonly absence?: string
}

/** As `git log --oneline` cites commits, and long enough for people to find them. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7)
}

/** What to do where a clone holds too little of the history, as part of a sentence. */
export const fetchMore = 'fetch more history (`git fetch --unshallow`, `fetch-depth: 0` in GitHub Actions)'

/**
 * Stands in a help, in a command to be pasted, for the words that say which Service it is about. Only a run knows the file
 * as the user would type it, and whether that holds other Services.
 */
export const thisService = '<this Service>'

/** The text without these characters at its end. An expression would look through every run of them on the way. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** What Kubernetes reads as a quantity. */
export const quantity = /^(?=.)[-+]?[0-9]*(?:\.[0-9]*)?(?:[numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$/

/** Whether Kubernetes reads the text as a quantity: `250m`, `512Mi`, `1.5e3`, but not `512MB` or `1 Gi`. */
export function isQuantity(text: string): boolean {
  return quantity.test(text)
}

const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** Kubernetes keeps what fits into 64 bits, and no less than a billionth. */
const most = 2n ** 63n - 1n
const billion = 10n ** 9n
/** More digits than any amount between the two has. */
const mostDigits = 40

/**
 * How Kubernetes writes a quantity, whoever sent it: `1024Mi` is `1Gi`, and `0.5` is `500m`. Undefined where it is none,
 * or one that Kubernetes would change.
 *
 * Source: k8s.io/apimachinery/pkg/api/resource ParseQuantity, Quantity.CanonicalizeBytes
 */
export function liveQuantity(text: string): string | undefined {
  const match = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:([a-zA-Z]+)([-+]?[0-9]+)?)?$/.exec(text)
  if (!match || !isQuantity(text)) return undefined
  const [, sign = '', whole = '', fraction = '', unit = '', exponent] = match
  if (whole.length + fraction.length > mostDigits || (exponent?.length ?? 0) > 3) return undefined
  const two = exponent === undefined ? binary.indexOf(unit) : 0
  if (isKept(whole, fraction, { two, unit, exponent })) return text
  const ten = exponent === undefined ? Math.max(decimal.indexOf(unit) - 3, -3) * 3 : Number(exponent)
  const billionths = inBillionths(BigInt(`${whole}${fraction}` || '0') * 1024n ** BigInt(Math.max(two, 0)), {
    power: (two > 0 ? 0 : ten) - fraction.length,
  })
  if (billionths === undefined || billionths > most * billion) return undefined
  if (billionths === 0n) return '0'
  const minus = sign === '-' ? '-' : ''
  if (two > 0 && billionths % billion === 0n && billionths >= 1024n * billion)
    return `${minus}${inUnits(billionths / billion, 1024n, binary)}`
  if (exponent === undefined) return `${minus}${inUnits(billionths, 1000n, decimal)}`
  const [amount = '', suffix = ''] = inUnits(billionths, 1000n, decimal).split(/(?=[a-zA-Z])/)
  const power = (decimal.indexOf(suffix) - 3) * 3
  return `${minus}${amount}${power === 0 ? '' : `e${power}`}`
}

type Suffix = { readonly two: number; readonly unit: string; readonly exponent: string | undefined }

/** Whether Kubernetes keeps the very text: an amount of few digits whose form looks like its own. */
function isKept(whole: string, fraction: string, { two, unit, exponent }: Suffix): boolean {
  const digits = whole.replace(/^0+/, '')
  if (two > 0) return fraction === '' && digits.length + 3 * two <= 14 && (BigInt(digits || '0') & 7n) !== 0n
  const shifted = digits + fraction
  const power = exponent === undefined ? (decimal.indexOf(unit) - 3) * 3 : Number(exponent)
  const scale = power - fraction.length
  return digits !== '' && shifted.length <= 18 && scale >= -9 && scale % 3 === 0 && !shifted.endsWith('000')
}

/** Undefined where it is no whole number of them. */
function inBillionths(digits: bigint, { power }: { readonly power: number }): bigint | undefined {
  const shift = power + 9
  if (digits === 0n) return 0n
  if (shift > 60) return undefined
  if (shift >= 0) return digits * 10n ** BigInt(shift)
  const part = 10n ** BigInt(-shift)
  return digits % part === 0n ? digits / part : undefined
}

/** The amount in the largest unit that it is a whole number of. */
function inUnits(amount: bigint, step: bigint, units: readonly string[]): string {
  let [rest, index] = [amount, 0]
  while (rest % step === 0n && index < units.length - 1) [rest, index] = [rest / step, index + 1]
  return `${rest}${units[index] ?? ''}`
}
