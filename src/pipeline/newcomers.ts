import { targetPath } from '../guards/guard.js'
import { blanks, newcomers } from '../guards/table.js'
import { ownName } from '../history/cluster.js'
import { findManifests } from '../manifest/find.js'
import { isNamedAs, type Manifest, spotAt } from '../manifest/manifest.js'
import { generatedName, numberOf } from '../manifest/names.js'
import { pastOf, revisionsKnown } from '../manifest/past.js'
import { readTraffic } from '../manifest/traffic.js'
import { type Profile, profileOf } from '../manifest/profile.js'
import { namesIn } from '../stages/roles.js'
import { grouped, onlyOnce } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { addWords } from '../text/mentions.js'
import { formatPath } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import type { Base } from './request.js'

/** What tells of revisions besides the files and their histories. */
type Witnesses = {
  /** What the configuration says. */
  readonly revisionsOf: (manifest: Manifest) => readonly string[]
  /** What a saved live object says. */
  readonly live: (manifest: Manifest) => readonly string[]
  readonly profile?: Profile | undefined
}

/**
 * What there is to say of Services that the base does not have: each has the revision of its template alone, unless a file
 * of the same Service, now or in the past, or someone who saw the cluster tells of others.
 */
export function newcomersIn(
  base: Base,
  head: readonly Manifest[],
  { revisionsOf, live, profile }: Witnesses,
): (after: Manifest) => readonly Diagnostic[] {
  return (after) => {
    if (after.file.isPatch || (profile ?? profileOf(after)) !== 'knative') return []
    const traffic = readTraffic(after) ?? []
    const own = ownName(after) ?? generatedName(after.name, 1)
    const others = namesIn(traffic).filter((name) => name !== own && name.startsWith(`${after.name}-`))
    if (others.length === 0) return []
    const seen = new Set([...revisionsOf(after), ...live(after)])
    const missing = others.filter(
      (name) => !seen.has(name) && !isNamed(name, after, base, head) && !isRemembered(name, after, base),
    )
    return missing.map((name) => {
      const path = targetPath(traffic, (revision) => 'name' in revision && revision.name === name, 'revisionName')
      const spot = spotAt(after, path)
      const number = numberOf(after.name, name)
      const isOpen = base.isEmpty === true || (number !== undefined && number > 1)
      return {
        ...(isOpen ? unknown(name, base) : impossible(name, own, after)),
        file: spot.file.path,
        range: spot.range,
        path: formatPath(path),
        service: after.label,
      }
    })
  }
}

/** Whether another file of the same Service names the revision: of the newer side, at the base, or in what led there. */
export function isNamed(name: string, after: Manifest, base: Base, head: readonly Manifest[]): boolean {
  const isOther = (one: Manifest): boolean => one.file.path !== after.file.path && namesOf(one).includes(name)
  if (labelled(head).get(after.label)?.some(isOther)) return true
  const names = namesBeside.get(base) ?? new NamesBeside(base)
  namesBeside.set(base, names)
  const { older, histories } = names.telling(name)
  if (older(after).some(isOther)) return true
  return histories().some(([path, history]) => {
    return path !== after.file.path && revisionsKnown(pastOf(after, history)).some((one) => one.name === name)
  })
}

const labels = new WeakMap<readonly Manifest[], ReadonlyMap<string, readonly Manifest[]>>()

function labelled(manifests: readonly Manifest[]): ReadonlyMap<string, readonly Manifest[]> {
  const known = labels.get(manifests) ?? grouped(manifests, ({ label }) => label)
  labels.set(manifests, known)
  return known
}

const namesBeside = new WeakMap<Base, NamesBeside>()

type Told = readonly [path: string, history: FileHistory]

/** Where a name may stand. */
type Telling = {
  /** What a Service was at the base. */
  readonly older: (after: Manifest) => readonly Manifest[]
  readonly histories: () => readonly Told[]
}

/** The older side and what led there. Each text is gone through a few times, however many names are asked for. */
class NamesBeside {
  private readonly services: () => ReadonlyMap<string, readonly Manifest[]>
  private readonly words: () => ReadonlyMap<Told, ReadonlySet<string>>
  private isFirst = true

  constructor(private readonly base: Base) {
    this.services = onlyOnce(() => grouped(servicesOf(this.files()), ({ name }) => name))
    this.words = onlyOnce(() => new Map(this.histories().map((one) => [one, wordsOf(one)] as const)))
  }

  telling(name: string): Telling {
    if (this.isFirst) {
      // Most runs ask for no other one.
      this.isFirst = false
      const files = this.files().filter(({ text }) => text.includes(name))
      return {
        older: (after) => servicesOf(files).filter((one) => isNamedAs(one, after)),
        histories: () => this.histories().filter(([, history]) => hasName(history, name)),
      }
    }
    return {
      older: (after) => (this.services().get(after.name) ?? []).filter((one) => isNamedAs(one, after)),
      histories: () => [...this.words()].flatMap(([told, words]) => (words.has(name) ? [told] : [])),
    }
  }

  private files(): readonly SourceFile[] {
    return [...this.base.files, ...(this.base.elsewhere ?? [])]
  }

  private histories(): readonly Told[] {
    return [...(this.base.histories ?? [])]
  }
}

function servicesOf(files: readonly SourceFile[]): readonly Manifest[] {
  return files.flatMap((file) => findManifests(file).manifests)
}

function wordsOf([, { versions }]: Told): ReadonlySet<string> {
  const words = new Set<string>()
  for (const { text } of versions) addWords(text, words)
  return words
}

function hasName({ versions }: FileHistory, name: string): boolean {
  return versions.some(({ text }) => text?.includes(name))
}

/** Whether the past of the file itself names it: the Service was there before. */
function isRemembered(name: string, after: Manifest, { histories }: Base): boolean {
  const history = histories?.get(after.file.path)
  return history !== undefined && tellsOf(history, name, after)
}

function tellsOf(history: FileHistory, name: string, service: Manifest): boolean {
  if (!hasName(history, name)) return false
  return revisionsKnown(pastOf(service, history)).some((one) => one.name === name)
}

function namesOf(manifest: Manifest): readonly string[] {
  return [...namesIn(readTraffic(manifest) ?? []), ownName(manifest) ?? '']
}

type Said = Pick<Diagnostic, 'code' | 'severity' | 'message' | 'help'>

function impossible(name: string, own: string, { name: service }: Manifest): Said {
  return {
    code: 'KN503',
    severity: newcomers.KN503.severity,
    message: `\`${name}\` was never built: the new Service has only the revision \`${own}\` and never becomes ready (\`RevisionMissing\`)`,
    help: `use \`${own}\`, add \`--live FILE\`, or first merge \`services: [{name: ${service}, revisions: [${name}]}]\` into \`.kn-rollout.yaml\``,
  }
}

function unknown(name: string, { isEmpty }: Base): Said {
  const why = isEmpty ? 'the base commit has no files' : 'the Service is new to the repository'
  return {
    code: 'KN527',
    severity: blanks.KN527.severity,
    message: `not checked: whether the cluster has the revision \`${name}\` (${why})`,
    help: 'pass a snapshot (`kubectl get ksvc -o yaml`) with `--live FILE`',
  }
}
