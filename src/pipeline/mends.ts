import type { FileReading } from '../manifest/find.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import type { FieldWish } from '../manifest/splice/field-wish.js'
import { wishOf } from '../manifest/splice/remedy-wish.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Path } from '../text/path.js'
import { countBelow } from '../text/sorted.js'

/** A remedy at its Service, ready to be made. */
export type Mend = {
  readonly diagnostic: Diagnostic
  readonly manifest: Manifest
  readonly wish: FieldWish
  readonly description: string
}

/** The mends of the diagnostics that have a remedy; one a place, so that none gets in the way of another. */
export function mendsFor(reading: FileReading, diagnostics: readonly Diagnostic[]): readonly Mend[] {
  const owners = new Owners(reading)
  const taken = new Map<Manifest, Places>()
  const mends = diagnostics.flatMap((diagnostic) => {
    const manifest = diagnostic.remedy && owners.of(diagnostic)
    const found = manifest && diagnostic.remedy && wishOf(manifest, diagnostic.remedy)
    if (!manifest || !found) return []
    const places = taken.get(manifest) ?? new Places()
    taken.set(manifest, places)
    return places.take(found.wish.path) ? [{ diagnostic, manifest, ...found }] : []
  })
  return withoutRivals(mends)
}

/** Tells the Service that a diagnostic stands in; several of a file may have one name. */
class Owners {
  private readonly starts: readonly number[]
  private readonly byStart: ReadonlyMap<number, Manifest>

  constructor({ manifests }: FileReading) {
    this.byStart = new Map(manifests.toReversed().map((manifest) => [locate(manifest, []).start, manifest]))
    this.starts = [...this.byStart.keys()].toSorted((a, b) => a - b)
  }

  of({ range, service }: Diagnostic): Manifest | undefined {
    const start = range && this.starts[countBelow(this.starts, range.start + 1) - 1]
    const manifest = start === undefined ? undefined : this.byStart.get(start)
    return manifest && range && manifest.label === service && range.end <= locate(manifest, []).end
      ? manifest
      : undefined
  }
}

/** Places that are taken: none of them is another one, or holds it. */
class Places {
  private readonly taken = new Set<string>()
  private readonly above = new Set<string>()

  /** Takes a place, if it is not in the way of others. */
  take(path: Path): boolean {
    const names = Array.from({ length: path.length + 1 }, (_, length) => JSON.stringify(path.slice(0, length)))
    const own = names.at(-1) ?? ''
    if (this.above.has(own) || names.some((name) => this.taken.has(name))) return false
    this.taken.add(own)
    for (const name of names.slice(0, -1)) this.above.add(name)
    return true
  }
}

/** Leaves out keys that were both meant to be the same one: which of them cannot be told. */
function withoutRivals(mends: readonly Mend[]): readonly Mend[] {
  const counts = new Map<Manifest, Map<string, number>>()
  const nameOf = ({ wish }: Mend): string | undefined =>
    wish.kind === 'rename' ? JSON.stringify([...wish.path.slice(0, -1), wish.to]) : undefined
  for (const one of mends) {
    const [own, name] = [counts.get(one.manifest) ?? new Map<string, number>(), nameOf(one)]
    counts.set(one.manifest, own)
    if (name !== undefined) own.set(name, (own.get(name) ?? 0) + 1)
  }
  return mends.filter((one) => (counts.get(one.manifest)?.get(nameOf(one) ?? '') ?? 0) < 2)
}
