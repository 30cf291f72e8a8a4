import { fieldStarts } from '../manifest/field-starts.js'
import type { FileReading } from '../manifest/find.js'
import { readIgnores, type Ignore } from '../manifest/ignores.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { grouped } from '../text/grouped.js'
import { formatPath, type Path } from '../text/path.js'
import { countBelow } from '../text/sorted.js'
import type { SourceFile } from '../text/source.js'
import { OldPaths } from './old-paths.js'

/** A line that comments are about, and the codes that they ignore there: any of them, and those with a reason. */
type QuietLine = {
  readonly start: number
  readonly end: number
  readonly codes: Set<string>
  readonly reasoned: Set<string>
}

/** The quiet lines that each field of a Service stands on, by its path. */
type Quiet = ReadonlyMap<string, readonly QuietLine[]>

/** The fields of a Service by where they stand, and by their path. */
type Fields = { readonly at: ReadonlyMap<number, readonly Path[]>; readonly named: ReadonlyMap<string, Path> }

/**
 * What the ignore comments of the base say. One of the head counts only where the base has one for the same code at the
 * same field of the same Service, on whatever line: a change cannot quiet what judges it.
 */
export class OldIgnores {
  private readonly files: ReadonlyMap<string, SourceFile>
  private readonly lines = new Map<SourceFile, readonly QuietLine[]>()
  private readonly quiet = new Map<Manifest, Quiet>()
  private readonly fields = new Map<Manifest, Fields>()
  private readonly old = new OldPaths()

  constructor(
    files: readonly SourceFile[],
    private readonly beforeOf: (after: Manifest) => Manifest | undefined,
  ) {
    this.files = new Map(files.map((file) => [file.path, file]))
  }

  /** Whether the base ignores a diagnostic of a file of the head that `ignore`, a comment in it, is to ignore. */
  in(file: SourceFile, reading?: Pick<FileReading, 'manifests'>): (found: Diagnostic, ignore: Ignore) => boolean {
    const byStart = grouped(reading?.manifests ?? [], ({ document }) => document.range[0])
    const starts = [...byStart.keys()].toSorted((a, b) => a - b)
    return (found, ignore) => {
      const start = found.range && starts[countBelow(starts, found.range.start + 1) - 1]
      return this.has(file, (start !== undefined && byStart.get(start)) || [], found, ignore)
    }
  }

  private has(file: SourceFile, manifests: readonly Manifest[], found: Diagnostic, ignore: Ignore): boolean {
    const old = this.files.get(file.path)
    if (old?.text === file.text) return true
    const manifest = manifests.find((one) => isIn(one, found))
    if (!manifest)
      return old !== undefined && this.hasLine(old, found, file.text.slice(ignore.line.start, ignore.line.end))
    const before = this.beforeOf(manifest)
    if (!before) return false
    const quiet = this.quietOf(before)
    if (quiet.size === 0) return false
    return this.fieldsOf(manifest, found).some((path) => {
      const field = this.old.pathOf(manifest, before, path)
      return field !== undefined && quiet.get(formatPath(field))?.some((line) => isQuiet(line, found)) === true
    })
  }

  /** What stands in no Service has no fields: it is known by its line. */
  private hasLine(old: SourceFile, found: Diagnostic, line: string): boolean {
    return this.linesOf(old).some((one) => isQuiet(one, found) && old.text.slice(one.start, one.end) === line)
  }

  private linesOf(file: SourceFile): readonly QuietLine[] {
    const known = this.lines.get(file)
    if (known) return known
    const lines = new Map<number, QuietLine>()
    for (const { line, codes, hasReason, misspelt } of readIgnores(file.text)) {
      if (misspelt !== undefined) continue
      const own = lines.get(line.start) ?? { ...line, codes: new Set(), reasoned: new Set() }
      lines.set(line.start, own)
      for (const { text } of codes) {
        own.codes.add(text)
        if (hasReason) own.reasoned.add(text)
      }
    }
    const sorted = [...lines.values()].toSorted((a, b) => a.start - b.start)
    this.lines.set(file, sorted)
    return sorted
  }

  private quietOf(before: Manifest): Quiet {
    const known = this.quiet.get(before)
    if (known) return known
    const lines = this.linesOf(before.file)
    const starts = lines.map((line) => line.start)
    const quiet = new Map<string, QuietLine[]>()
    for (const { path, start } of lines.length > 0 ? fieldStarts(before) : []) {
      const line = lines[countBelow(starts, start + 1) - 1]
      if (!line || start > line.end) continue
      const name = formatPath(path)
      const own = quiet.get(name)
      if (!own) quiet.set(name, [line])
      else if (!own.includes(line)) own.push(line)
    }
    this.quiet.set(before, quiet)
    return quiet
  }

  /** The fields that a diagnostic is about: the one that it names, and what stands at its place. */
  private fieldsOf(manifest: Manifest, { path, range }: Diagnostic): readonly Path[] {
    const { at, named } = this.fields.get(manifest) ?? this.readFields(manifest)
    const own = path === undefined ? undefined : named.get(path)
    return [...(own ? [own] : []), ...((range && at.get(range.start)) ?? [])]
  }

  private readFields(manifest: Manifest): Fields {
    const at = new Map<number, Path[]>()
    const named = new Map<string, Path>()
    for (const { path, start } of fieldStarts(manifest)) {
      const own = at.get(start)
      if (own) own.push(path)
      else at.set(start, [path])
      named.set(formatPath(path), path)
    }
    const fields = { at, named }
    this.fields.set(manifest, fields)
    return fields
  }
}

function isIn({ document, label }: Manifest, { range, service }: Diagnostic): boolean {
  const [start, , end] = document.range
  return range !== undefined && start <= range.start && range.start <= end && (service ?? label) === label
}

/** An error is ignored for a reason only. */
function isQuiet({ codes, reasoned }: QuietLine, { code, severity }: Diagnostic): boolean {
  return (severity === 'error' ? reasoned : codes).has(code)
}
