import { blanks } from '../guards/blanks.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { fetchMore } from '../text/fetch-more.js'

/** A Service of which some rules could not be judged: its history is not known whole. */
export type Blank = {
  readonly manifest: Manifest
  readonly codes: readonly string[]
  /** Whether older versions are missing, not only unreadable. */
  readonly isCut: boolean
  /** Why Git could not tell, in its own words. */
  readonly failure?: string
}

const namePath = ['metadata', 'name']

/** Says that a Service has an older side, and that nothing is known of it. */
export function unreadBase(manifest: Manifest): Diagnostic {
  return note('KN520', manifest, {
    message: `\`${manifest.label}\` must be readable at the base to be compared with it, but is not: not checked`,
    help: 'look through the whole diff of the file, as nothing that compares both sides was judged',
  })
}

/** One diagnostic for all Services whose histories fall short in the same way, at the first of them. */
export function historyBlanks(found: readonly Blank[]): readonly Diagnostic[] {
  const reasons = new Map<string, Blank[]>()
  for (const blank of found) {
    const reason = reasonOf(blank)
    reasons.set(reason, [...(reasons.get(reason) ?? []), blank])
  }
  return [...reasons].flatMap(([reason, alike]) => {
    const [first] = alike
    if (!first) return []
    const codes = [...new Set(alike.flatMap((blank) => blank.codes))].toSorted()
    const others = alike.length === 1 ? '' : ` and of ${alike.length - 1} more`
    return note('KN521', first.manifest, {
      message: `the history of \`${first.manifest.label}\`${others} must be known whole, but ${reason}: ${codes.join(', ')} not checked`,
      ...(first.isCut && first.failure === undefined && { help: fetchMore }),
    })
  })
}

function reasonOf({ isCut, failure }: Blank): string {
  if (failure !== undefined) return `Git says: ${failure}`
  return isCut ? 'this clone does not reach back far enough' : 'versions of the file cannot be read'
}

function note(
  code: keyof typeof blanks,
  manifest: Manifest,
  { message, help }: Pick<Diagnostic, 'message' | 'help'>,
): Diagnostic {
  return {
    code,
    severity: blanks[code].severity,
    message,
    ...(help !== undefined && { help }),
    file: manifest.file.path,
    range: locate(manifest, namePath),
    path: 'metadata.name',
    service: manifest.label,
  }
}
