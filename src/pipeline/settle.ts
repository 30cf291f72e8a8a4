import type { FileReading } from '../manifest/find.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { proveEdits } from '../manifest/splice/prove.js'
import { judge } from '../rules/judge.js'
import type { Neighbourhood } from '../rules/rule.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import type { Draft } from './draft.js'
import { refuse, unproved } from './refusal.js'

/** What there was to say about each Service before the edits, and whom they stand beside. */
export type Known = {
  readonly complaints: ReadonlyMap<Manifest, readonly Diagnostic[]>
  readonly neighbourhood: Neighbourhood
}
export type Settled = { readonly proved: readonly Draft[]; readonly diagnostics: readonly Diagnostic[] }

const none: Settled = { proved: [], diagnostics: [] }

/** Proves the drafts together; where that fails, refuses those that fail alone and settles the rest. */
export function settle(file: SourceFile, reading: FileReading, drafts: readonly Draft[], known: Known): Settled {
  if (drafts.length === 0) return none
  const together = prove(file, reading, drafts)
  const proofs = together ? new Map(drafts.map((draft) => [draft, together])) : proofsOf(file, reading, drafts)
  const places = new Map(reading.manifests.map((manifest, index) => [manifest, index]))
  const beside = new Map([...new Set(proofs.values())].map((proof) => [proof, neighboursIn(proof, reading, known)]))
  const verdicts = drafts.map((draft) => {
    const proof = proofs.get(draft)
    const after = proof?.manifests[places.get(draft.manifest) ?? -1]
    const neighbourhood = (proof && beside.get(proof)) ?? known.neighbourhood
    const before = known.complaints.get(draft.manifest) ?? []
    return { draft, before, ...compare(draft, before, after, neighbourhood) }
  })
  const kept = verdicts.filter(({ refusal }) => refusal === undefined)
  const isWhole = kept.length === drafts.length
  if (together && isWhole) return { proved: drafts, diagnostics: verdicts.flatMap(({ left }) => left) }
  // Where each can be proved, but not all of them, none is to be trusted.
  const rest = isWhole
    ? none
    : settle(
        file,
        reading,
        kept.map(({ draft }) => draft),
        known,
      )
  const refused = isWhole ? verdicts : verdicts.filter(({ refusal }) => refusal !== undefined)
  const said = refused.flatMap(({ before, draft, refusal = refuse(draft.manifest, unproved) }) => [...before, refusal])
  return { proved: rest.proved, diagnostics: [...said, ...rest.diagnostics] }
}

/** What Services stand beside once a file is edited: which of two documents comes first, only the new reading knows. */
function neighboursIn(after: FileReading, { manifests }: FileReading, { neighbourhood }: Known): Neighbourhood {
  if (new Set(manifests.map(({ label }) => label)).size === manifests.length) return neighbourhood
  const edited = new Map(manifests.map((manifest, index) => [manifest, after.manifests[index]]))
  return { ...neighbourhood, manifests: neighbourhood.manifests.map((one) => edited.get(one) ?? one) }
}

/** How often a file is read again to find the drafts that can be proved; those that are left after that are not. */
const mostProofs = 40

/** The new readings of drafts that could not be proved together: of those that can without the others. */
function proofsOf(file: SourceFile, reading: FileReading, drafts: readonly Draft[]): ReadonlyMap<Draft, FileReading> {
  const proofs = new Map<Draft, FileReading>()
  const waiting = halves(drafts)
  for (let count = 0; count < mostProofs; count++) {
    const some = waiting.pop()
    if (!some) break
    const after = prove(file, reading, some)
    if (after) for (const draft of some) proofs.set(draft, after)
    else waiting.push(...halves(some))
  }
  return proofs
}

/** What can be tried in place of all of them, the first half last; nothing for a single one. */
function halves(drafts: readonly Draft[]): (readonly Draft[])[] {
  const middle = Math.ceil(drafts.length / 2)
  return drafts.length < 2 ? [] : [drafts.slice(middle), drafts.slice(0, middle)]
}

function prove(file: SourceFile, reading: FileReading, drafts: readonly Draft[]): FileReading | undefined {
  const edits = drafts.flatMap((draft) => draft.edits)
  const removed = drafts.flatMap(({ notes }) => notes.filter(({ kind }) => kind === 'removed'))
  const wishes = new Map(drafts.map(({ manifest, wish, fields }) => [manifest, { traffic: wish.after, fields }]))
  return proveEdits(file, reading, edits, wishes, {
    removed: removed.map(({ text }) => text.trimEnd()),
    added: drafts.flatMap(({ added = [] }) => added.map((text) => text.trimEnd())),
  })
}

type Comparison = { readonly left: readonly Diagnostic[]; readonly refusal?: Diagnostic }

/** What is left of the complaints after an edit; and the refusal, where the edit adds what the cluster would refuse. */
function compare(
  { manifest, fields }: Draft,
  before: readonly Diagnostic[],
  after: Manifest | undefined,
  neighbourhood: Neighbourhood,
): Comparison {
  if (!after) return { left: before, refusal: refuse(manifest, unproved) }
  const judged = judge(after, neighbourhood)
  // An item that leaves a list moves those behind it.
  const identity = fields.some(({ kind, path }) => kind === 'remove' && typeof path.at(-1) === 'number') ? loose : exact
  const [known, still] = [new Set(before.map(identity)), new Set(judged.map(identity))]
  const left = before.filter((diagnostic) => still.has(identity(diagnostic)))
  // The text that a fresh warning is about is not there yet: it is shown where the edit is.
  const range = locate(manifest, ['spec', 'traffic'], 'key')
  for (const diagnostic of judged)
    if (diagnostic.severity !== 'error' && !known.has(identity(diagnostic))) left.push({ ...diagnostic, range })
  const fresh = judged.find((diagnostic) => isFresh(diagnostic, known.has(identity(diagnostic)), before))
  if (!fresh) return { left }
  const message = `the result must not be refused by the cluster, but would be: ${fresh.message}`
  return {
    left,
    refusal: refuse(manifest, { code: 'KN417', message, help: fresh.help ?? 'choose other values for the flags' }),
  }
}

/**
 * Whether the edit brought the error in. Where the Service's own name is refused (`${APP}`, to be filled in later), the
 * revision names made from it are no news.
 */
function isFresh(diagnostic: Diagnostic, isKnown: boolean, before: readonly Diagnostic[]): boolean {
  if (diagnostic.severity !== 'error' || isKnown) return false
  const isNamed = !before.some(({ severity, path }) => severity === 'error' && path === 'metadata.name')
  return isNamed || diagnostic.path?.endsWith('.revisionName') !== true
}

/** Two diagnostics with one identity are the same complaint, wherever it now stands. */
function exact({ code, path }: Diagnostic): string {
  return JSON.stringify([code, path])
}

function loose({ code, path }: Diagnostic): string {
  return JSON.stringify([code, path?.replaceAll(/\[\d+\]/g, '[]')])
}
