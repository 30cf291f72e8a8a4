import { isNoted, unspelled } from '../rules/kept-name.js'
import { ownName } from '../history/cluster.js'
import { heard } from '../guards/guard.js'
import { guards } from '../guards/table.js'
import { ClusterAt, versionAtHand } from '../history/asked.js'
import { profileOf } from '../manifest/profile.js'
import { wished } from '../edit/wish.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import { grouped, onlyOnce } from '../text/collections.js'
import { type Diagnostic, hasErrors } from '../text/diagnostic.js'
import type { Range } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import { isObject } from '../yaml/json.js'
import { olderServices } from './applied.js'
import { type PassageSettings, Passages } from './compare.js'
import { grade, type Reason, type Severities, silence } from './diagnostics.js'
import type { Request } from './request.js'

/** What the guards say of an edit: why it must not be made, and what is to be known of it. */
export type Verdict = { readonly refusal?: Reason; readonly remarks: readonly Diagnostic[] }

const silent: Verdict = { remarks: [] }

/** Compares what a run would write with what is committed, as `check` would compare that commit. */
export class Guarded {
  private readonly passages = new Map<string, Passages | undefined>()
  private wasAsked = false
  private readonly byFile = onlyOnce(() => grouped(this.head.manifests, ({ file }) => file.path))

  constructor(
    private readonly request: Pick<Request, 'histories' | 'force' | 'now'>,
    private readonly head: {
      readonly manifests: readonly Manifest[]
      readonly delivered: (manifest: Manifest) => Manifest
    },
    private readonly settings: PassageSettings,
    private readonly severities: Severities,
  ) {}

  /** Whether the committed version may have decided otherwise, but was not given. */
  get needsPast(): boolean {
    return this.wasAsked && !this.request.histories
  }

  /**
   * What there is to say of a Service that `before` becomes `after`; nothing where its file is in no commit. One that stays
   * as it is, in a file that changes, is applied along with that: what it is refused for counts as well.
   */
  readonly judge = (before: Manifest, after: Manifest): Verdict => {
    if (!this.request.histories) {
      this.wasAsked ||= this.mayBeHeard(before, after)
      return silent
    }
    const passages = this.passagesOf(before)
    const found = passages ? this.heard(passages, after) : []
    const placed = found.map((one) => ({ ...one, range: placeIn(before, one) }))
    const error = placed.find(({ severity }) => severity === 'error')
    if (!passages || !error)
      return { remarks: before === after ? [] : placed.filter(({ severity }) => severity === 'warning') }
    const spelled = this.spelled(after)
    const isCured = spelled !== undefined && !hasErrors(this.heard(passages, spelled))
    const help = isCured ? cureFor(before, after) : (error.help ?? 'choose other values for the flags')
    if (this.request.force !== true) {
      const message = `Knative would reject the result: ${error.message}`
      return {
        remarks: [],
        refusal: {
          code: 'KN417',
          message,
          help: `${help}, or add \`--force\` to continue`,
          ...(error.says && { says: error.says }),
        },
      }
    }
    return {
      remarks: placed.map((one) => (one === error ? { ...one, help: `${help}; \`--force\` changes it anyway` } : one)),
    }
  }

  /**
   * Whether the guards may have something to say once they know what is committed. They are asked with the present Service
   * in its place, which takes less time than Git does.
   */
  private mayBeHeard(before: Manifest, after: Manifest): boolean {
    if (this.wasAsked || ownName(after) !== undefined || isNoted(after)) return true
    if (before === after) return false
    const { planFor, frozenFor, profile = profileOf(before), cluster: settings, now } = this.settings
    const frozen = frozenFor(after, now)
    const { name, value } = before
    const version = { commit: '', service: { name, value, isValid: true } }
    const cluster = new ClusterAt([versionAtHand(version)], [], { profile, settings })
    const passage = { before, after, cluster, plan: planFor(after), profile, settings, now, ...(frozen && { frozen }) }
    return guards
      .filter(({ isForWhole, isForKnative }) => {
        return !(isForWhole && after.file.isPatch) && !(isForKnative && profile !== 'knative')
      })
      .some((guard) => heard(guard, passage).length > 0 || guard.isOpen?.(passage) === true)
  }

  /** What `check` would say: as loud as the configuration has it, and without what comments silence. */
  private heard(passages: Passages, after: Manifest): readonly Diagnostic[] {
    const found = grade(passages.judge(after), this.severities)
    return found.length === 0 ? found : silence(after.file, found, { expected: () => false }).left
  }

  private passagesOf(before: Manifest): Passages | undefined {
    const { path } = before.file
    if (!this.passages.has(path)) {
      const history = this.request.histories?.get(path)
      this.passages.set(path, history && this.between(before, history))
    }
    return this.passages.get(path)
  }

  /** From the newest version of a history to what is made of the file; undefined where no commit has it. */
  private between({ file }: Manifest, history: FileHistory): Passages | undefined {
    const [head] = history.versions
    if (head?.text === undefined) return undefined
    const own = this.byFile().get(file.path) ?? []
    const base = { files: [{ ...file, text: head.text }], histories: new Map([[file.path, history]]) }
    const isSame = head.text === file.text
    const older = isSame
      ? { manifests: own, unread: [], roots: new Set<string>(), readings: new Map() }
      : olderServices(base, new Set())
    const before = { ...older, manifests: older.manifests.map(this.head.delivered) }
    return new Passages(base, before, own, this.settings)
  }

  /** The Service with the defaults that its template leaves to the cluster, if it leaves any. */
  private spelled(after: Manifest): Manifest | undefined {
    const wishes = unspelled(after, this.settings.cluster).map((one) => ({ kind: 'set' as const, ...one }))
    const value = wished(after.value, wishes)
    return wishes.length > 0 && isObject(value) ? { ...after, value } : undefined
  }
}

function cureFor(before: Manifest, after: Manifest): string {
  return before === after
    ? `choose \`${after.label}\` as well and add \`--write-defaults\`, or give its revision a new name`
    : 'add `--write-defaults` to this command, or give the revision a new name'
}

/** Where the field is before the edit; the traffic where it is not there yet. */
function placeIn(before: Manifest, { path = '' }: Diagnostic): Range {
  const own = path.startsWith('spec.template.') ? path.split('.') : ['spec', 'traffic']
  return locate(before, own, own.length > 2 ? 'value' : 'key')
}
