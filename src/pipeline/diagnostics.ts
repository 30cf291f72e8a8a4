import { isLasting } from '../codes/code.js'
import type { RuleSetting } from '../config/config.js'
import { policyRemarks } from '../guards/table.js'
import { type Kustomization, rangeIn } from '../kustomize/kustomization.js'
import { ownFaults } from '../manifest/live.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import type { Remark } from '../stages/stage.js'
import { countBelow } from '../text/collections.js'
import type { Diagnostic, Says } from '../text/diagnostic.js'
import { folderOf, formatPath, type Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import { nearest, optionWords, shellPath, thisService } from '../text/words.js'
import { type Ignore, readIgnores } from '../yaml/ignores.js'
import { allCodes, codeOf } from './codes.js'

/** The severity that a user gives to a code, by code. */
export type Severities = Readonly<Record<string, RuleSetting>>

/** The diagnostics with the severities that are wanted; those that are off are left out, those that last are kept. */
export function grade(diagnostics: readonly Diagnostic[], severities: Severities): readonly Diagnostic[] {
  if (Object.keys(severities).length === 0) return diagnostics
  return diagnostics.flatMap((diagnostic) => {
    const severity = isLasting(diagnostic.code) ? undefined : severities[diagnostic.code]
    if (severity === 'off') return []
    return severity === undefined ? [diagnostic] : [{ ...diagnostic, severity }]
  })
}

/** The codes that have a severity: optional rules among them judge as well. */
export function switchedOn(severities: Severities): readonly string[] {
  return Object.keys(severities).filter((code) => severities[code] !== 'off')
}

/** Whether a code is judged at all. */
export function isOn(code: string, enabled: ReadonlySet<string>, severities: Severities): boolean {
  const isOptional = codeOf(code)?.optional === true
  return severities[code] !== 'off' && (!isOptional || enabled.has(code))
}

/** What the comments of a file leave of its diagnostics. */
type Silence = {
  readonly left: readonly Diagnostic[]
  /** How many were silenced. */
  readonly silenced: number
  /** The ignores that are wrong, or of no use. */
  readonly idle: readonly Diagnostic[]
}

/** The ignore comments of a text, with numbers in the place of the names of codes. */
export function ignoresIn(text: string): readonly Ignore[] {
  return readIgnores(text).map((ignore) => ({
    ...ignore,
    codes: ignore.codes.map(({ text: word, range }) => ({ text: codeOf(word)?.code ?? word, range })),
  }))
}

/** What decides whether comments count. */
type Hearing = {
  /** Whether a code would have been found if it were there: an ignore of any other is no use yet, but not wrong. */
  readonly expected: (code: string) => boolean
  /** Whether a comment counts that is about a diagnostic; without it, all do. */
  readonly counts?: ((diagnostic: Diagnostic, ignore: Ignore) => boolean) | undefined
}

/** Leaves out what the file's own comments ignore. An error is left out for a reason only. */
export function silence(file: SourceFile, diagnostics: readonly Diagnostic[], hearing: Hearing): Silence {
  const ignores = ignoresIn(file.text)
  if (ignores.length === 0) return { left: diagnostics, silenced: 0, idle: [] }
  const { expected, counts = () => true } = hearing
  const lines = new Lines(ignores)
  const fresh = new Map<Range, Diagnostic>()
  const told = new Set<readonly Ignore[]>()
  const left = diagnostics.flatMap((diagnostic) => {
    const [after, by] = heard(diagnostic, lines)
    // All of them are about one line, so that what counts for one counts for the others.
    const [first] = by
    if (after || !first || counts(diagnostic, first)) return after ?? []
    if (!told.has(by))
      for (const ignore of by)
        for (const one of notYet(ignore, diagnostic)) fresh.set(one.range, { ...one, file: file.path })
    told.add(by)
    return diagnostic
  })
  const starts = startsByCode(diagnostics)
  const found = ({ line }: Ignore, code: string): boolean => {
    const own = starts.get(code) ?? []
    return (own[countBelow(own, line.start)] ?? Infinity) <= line.end
  }
  const idle = ignores.flatMap((ignore) =>
    complaints(ignore, (code) => found(ignore, code) || !expected(code)).map(({ range, message, help }) => {
      return { code: 'KN190', severity: ownFaults.KN190.severity, message, help, file: file.path, range }
    }),
  )
  return { left, silenced: diagnostics.length - left.length, idle: [...idle, ...fresh.values()] }
}

/** Where the diagnostics of each code begin, in order. */
function startsByCode(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, readonly number[]> {
  const starts = new Map<string, number[]>()
  for (const { code, range } of diagnostics) {
    if (!range) continue
    const own = starts.get(code) ?? []
    own.push(range.start)
    starts.set(code, own)
  }
  for (const own of starts.values()) own.sort((a, b) => a - b)
  return starts
}

/** The diagnostic as it is heard, or undefined where it is silenced, and the comments that silence it. */
function heard(diagnostic: Diagnostic, lines: Lines): readonly [Diagnostic | undefined, readonly Ignore[]] {
  const { code, severity, help } = diagnostic
  if (isFirm(code)) return [diagnostic, []]
  const own = lines.about(diagnostic)
  if (!own) return [diagnostic, []]
  const by = severity === 'error' ? own.reasoned : own.all
  if (by.length > 0) return [undefined, by]
  const how = 'add a reason to the comment to ignore an error: ` -- reason`'
  return [{ ...diagnostic, help: help === undefined ? how : `${help}; ${how}` }, by]
}

/** A comment that silences nothing in the change that adds it. */
function notYet(
  { codes }: Ignore,
  { code }: Diagnostic,
): readonly (Omit<Diagnostic, 'file'> & { readonly range: Range })[] {
  const range = codes.find(({ text }) => text === code)?.range
  if (!range) return []
  const message = `this change adds the comment that ignores \`${code}\` here: it counts after the merge`
  const help = 'fix the finding, or merge the comment first, in a separate change'
  return [{ code: 'KN524', severity: policyRemarks.KN524.severity, message, help, range }]
}

/** The ignores of a code that are about one line. */
type OnLine = { readonly all: Ignore[]; readonly reasoned: Ignore[] }

/** The lines that ignores are about. */
class Lines {
  private readonly starts: readonly number[]
  private readonly lines = new Map<number, { readonly end: number; readonly codes: Map<string, OnLine> }>()

  constructor(ignores: readonly Ignore[]) {
    for (const ignore of ignores) {
      const { line, codes, hasReason, misspelt } = ignore
      if (misspelt !== undefined) continue
      const onLine = this.lines.get(line.start)?.codes ?? new Map<string, OnLine>()
      this.lines.set(line.start, { end: line.end, codes: onLine })
      for (const text of new Set(codes.map((code) => code.text))) {
        const own = onLine.get(text) ?? { all: [], reasoned: [] }
        onLine.set(text, own)
        own.all.push(ignore)
        if (hasReason) own.reasoned.push(ignore)
      }
    }
    this.starts = [...this.lines.keys()].toSorted((a, b) => a - b)
  }

  about({ code, range }: Diagnostic): OnLine | undefined {
    const start = range && this.starts[countBelow(this.starts, range.start + 1) - 1]
    const line = start === undefined ? undefined : this.lines.get(start)
    return range && line && range.start <= line.end ? line.codes.get(code) : undefined
  }
}

/** Whether no comment silences the code: it stays, or it is about comments and the configuration. */
function isFirm(code: string): boolean {
  return code === 'KN190' || Object.hasOwn(policyRemarks, code) || isLasting(code)
}

type Complaint = { readonly range: Range; readonly message: string; readonly help: string }

const form = 'write `# kn-rollout: ignore KN312 -- reason`'

function complaints({ range, codes, misspelt }: Ignore, isUseful: (code: string) => boolean): readonly Complaint[] {
  if (misspelt !== undefined)
    return [
      { range, message: `unknown word \`${misspelt}\` after \`kn-rollout:\`; the only one is \`ignore\``, help: form },
    ]
  if (codes.length === 0) return [{ range, message: 'ignore comment names no code', help: form }]
  return codes.flatMap((code) => complaint(code, isUseful) ?? [])
}

function complaint(
  { text, range }: Ignore['codes'][number],
  isUseful: (code: string) => boolean,
): Complaint | undefined {
  if (!codeOf(text)) {
    const close = nearest(
      text,
      allCodes().flatMap(({ code, name }) => (isFirm(code) ? [] : [code, name])),
    )
    const help = close === undefined ? form : `did you mean \`${close}\`? A reason follows after \` -- \``
    return { range, message: `ignore comment names the unknown code \`${text}\``, help }
  }
  if (isFirm(text)) {
    const help = 'remove it from the comment, and fix the finding'
    return { range, message: `ignore comment names \`${text}\`, which no comment can hide`, help }
  }
  if (isUseful(text)) return undefined
  return {
    range,
    message: `unused ignore comment: no \`${text}\` on its line or on the line below`,
    help: 'remove it, or move it to the line of the finding or to the line above that',
  }
}

/** Reports cut what is longer, and would leave a command that names another file. */
const longest = 200

/** Completes the commands in the helps of a run with the file, or the overlay, that they are about. */
export function pasteable(
  diagnostics: readonly Diagnostic[],
  manifests: readonly Manifest[],
  { overlay, snapshot }: { readonly overlay?: string | undefined; readonly snapshot?: string | undefined },
): readonly Diagnostic[] {
  if (!diagnostics.some(({ help }) => help?.includes(thisService))) return diagnostics
  const counts = new Map<string, number>()
  for (const { file } of manifests) counts.set(file.path, (counts.get(file.path) ?? 0) + 1)
  return diagnostics.map((diagnostic) => {
    const { help, file, service } = diagnostic
    if (!help?.includes(thisService)) return diagnostic
    // A snapshot is no file to edit: what it says of a Service is settled where that is.
    const home = file === snapshot ? manifests.find(({ label }) => label === service)?.file.path : file
    const isAlone = home !== undefined && counts.get(home) === 1
    const choice = service && !isAlone ? optionWords('--service', service) : []
    const named = home === undefined ? [] : [shellPath(home === '(stdin)' ? '-' : home)]
    const words =
      overlay === undefined ? [...named, ...choice].join(' ') : `--overlay ${shellPath(folderOf(overlay) || '.')}`
    return { ...diagnostic, help: help.replaceAll(thisService, () => (words.length > longest ? 'FILE' : words)) }
  })
}

/** What a refusal says; where it shows is told by the Service and a path in it. */
export type Reason = {
  readonly code: string
  readonly message: string
  readonly help: string
  readonly says?: Says
  /** The field that it is about, where that is not told by what is done. */
  readonly path?: Path
  /** What has that field, if it is not the Service or patch that is edited. */
  readonly at?: Manifest
}

/** A refusal of one Service as a diagnostic, shown at the field it is about. */
export function refuse(manifest: Manifest, reason: Reason, path: Path = reason.path ?? traffic): Diagnostic {
  const { code, message, help, says } = reason
  return { code, severity: 'error', message, help, ...(says && { says }), ...fieldPlace(manifest, path, reason.at) }
}

/** A remark on one Service as a diagnostic, shown at its traffic. */
export function remarkOn(manifest: Manifest, { code, severity, message, help, waits }: Remark): Diagnostic {
  const more = { ...(help !== undefined && { help }), ...(waits !== undefined && { waits }) }
  return { code, severity, message, ...more, ...fieldPlace(manifest, traffic) }
}

const traffic: Path = ['spec', 'traffic']

function fieldPlace(
  manifest: Manifest,
  path: Path,
  at: Manifest = manifest,
): Pick<Diagnostic, 'file' | 'range' | 'path' | 'service'> {
  return {
    file: at.file.path,
    range: locate(at, path, 'key'),
    path: formatPath(path),
    service: manifest.label,
  }
}

/** The edit does not read back as what was asked for. */
export const unproved: Reason = {
  code: 'KN416',
  message: 'cannot edit the file: the edit does not read back as intended',
  help: 'write `spec.traffic`, and the other fields to change, as plain block lines and run this again',
}

/** A refusal to edit what an overlay builds, shown where the kustomization says so. */
export function refusalAt(kustomization: Kustomization, path: Path, reason: Reason, service?: string): Diagnostic {
  return {
    severity: 'error',
    ...reason,
    file: kustomization.file.path,
    range: rangeIn(kustomization, path, 'key'),
    path: formatPath(path),
    ...(service !== undefined && { service }),
  }
}

/** A file of a folder as messages name it. */
export function inFolder(folder: string, file: string): string {
  return folder === '.' ? file : `${folder}/${file}`
}
