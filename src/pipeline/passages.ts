import { guards } from '../guards/table.js'
import type { Passage } from '../guards/guard.js'
import { findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { pastOf } from '../manifest/past.js'
import { diagnose } from '../rules/judge.js'
import type { Facts } from '../stages/move.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/version.js'

/** The older side of a change. */
export type Base = {
  /** The files as they were: those that the change touches, and those that are looked at though it does not. */
  readonly files: readonly SourceFile[]
  /** What led to them, by the path of the older file. */
  readonly histories?: ReadonlyMap<string, FileHistory>
}

/**
 * Judges the way of each Service from the base to what its file says now. A Service is known by its namespace and name:
 * it is looked for in its file first, then, moved, among those that have left theirs.
 */
export class Passages {
  private readonly inPlace = new Map<string, Manifest>()
  private readonly gone = new Map<string, Manifest | undefined>()

  constructor(
    private readonly base: Base,
    head: readonly Manifest[],
    private readonly factsOf: (manifest: Manifest) => Facts,
    private readonly now: number,
  ) {
    const still = new Set(head.map(placeOf))
    for (const manifest of base.files.flatMap((file) => findManifests(file).manifests)) {
      const { label } = manifest
      if (still.has(placeOf(manifest))) this.inPlace.set(placeOf(manifest), manifest)
      // Of two that are gone nobody can say which one has moved here.
      else this.gone.set(label, this.gone.has(label) ? undefined : manifest)
    }
  }

  /** What there is to say about the way; nothing of a Service that is read with faults. */
  judge(after: Manifest): readonly Diagnostic[] {
    const before = this.inPlace.get(placeOf(after)) ?? this.gone.get(after.label)
    const history = before && this.base.histories?.get(before.file.path)
    const passage: Passage = {
      ...(before && { before }),
      after,
      ...(before && history && { past: pastOf(before, history) }),
      plan: this.factsOf(after).plan,
      now: this.now,
    }
    return guards.flatMap(({ code, severity, check }) => {
      return [...check(passage)].map((finding) => diagnose(after, code, severity, finding))
    })
  }
}

function placeOf({ file, label }: Manifest): string {
  return `${file.path}\n${label}`
}
