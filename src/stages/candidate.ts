import { sameRevision } from '../manifest/traffic.js'
import { isName, namedIn, namesIn } from './names.js'
import { headServing, laterInGit } from './past-signs.js'
import { higherNumber } from './revision-order.js'
import type { Clues, Role } from './roles.js'
import { targetsOf } from './shares.js'

/** The candidate by the file, by Git where the file leaves two open, by the cluster's own words where it names one. */
export function findCandidate(clues: Clues): Role {
  const { traffic, stable } = clues
  const names = namesIn(traffic)
  const open = names.filter((name) => !stable || !sameRevision(stable, { name }))
  const tagged = taggedIn(clues, names)
  const built = builtName(clues, names, tagged)
  if (built !== undefined && goesToLatest(clues, built, names))
    return { revision: { latest: true }, decidedBy: '`latestRevision: true`, which the template builds' }
  if (built !== undefined) return { revision: { name: built }, decidedBy: '`spec.template.metadata.name`' }
  const [only] = open
  if (names.length === 2 && open.length === 1 && only !== undefined) {
    return { revision: { name: only }, decidedBy: 'the other of the two targets' }
  }
  const [onlyTagged] = tagged
  if (names.length === 2 && tagged.length === 1 && onlyTagged !== undefined)
    return { revision: { name: onlyTagged }, decidedBy: 'the only tagged one of the two targets' }
  const later = names.length === 2 ? (laterInGit(clues, names) ?? laterByNumber(names)) : undefined
  if (later) return later
  if (names.length === 1 && traffic.some(({ revision }) => 'latest' in revision)) {
    return { revision: { latest: true }, decidedBy: '`latestRevision: true` beside a pinned target' }
  }
  return (
    latestCreated(clues, names) ?? {
      code: 'KN401',
      message: `the candidate must be known, but the file does not tell which revision that is${namedIn(names)}`,
      help: 'name it with --candidate, for example --candidate {{.Service}}-00002',
    }
  )
}

function taggedIn({ traffic }: Clues, names: readonly string[]): readonly string[] {
  return names.filter((name) => targetsOf(traffic, { name }).some(({ tag }) => tag !== undefined))
}

/** The template's name, where the file builds another revision than the one that serves. */
function builtName(clues: Clues, names: readonly string[], tagged: readonly string[]): string | undefined {
  const { templateName, stable } = clues
  if (templateName === undefined) return undefined
  // A template that still builds the older of two revisions does not speak for the one under test.
  const isOutdated =
    tagged.length === 1 &&
    names.every((name) => {
      return name === templateName || (name === tagged[0] && higherNumber([name, templateName]) === name)
    })
  if (isOutdated) return undefined
  if (stable) return isName(stable, templateName) ? undefined : templateName
  if (names.length > 0) return names.some((name) => name !== templateName) ? templateName : undefined
  const serving = headServing(clues)
  return serving === undefined || serving.name === templateName ? undefined : templateName
}

/** Whether the revision that the template builds has its share already, without its name, beside one that is named. */
function goesToLatest({ traffic }: Pick<Clues, 'traffic'>, built: string, names: readonly string[]): boolean {
  if (names.length === 0 || names.includes(built)) return false
  return traffic.some(({ revision, percent }) => 'latest' in revision && percent > 0)
}

function laterByNumber(names: readonly string[]): Role | undefined {
  const name = higherNumber(names)
  return name === undefined ? undefined : { revision: { name }, decidedBy: 'the higher trailing number' }
}

/** What the cluster made last, where it serves nobody yet. */
function latestCreated({ live, stable }: Clues, names: readonly string[]): Role | undefined {
  const name = live?.latestCreated
  if (!live || name === undefined || names.includes(name) || (stable && isName(stable, name))) return undefined
  if (names.length === 0 && !stable && name === live.latestReady) return undefined
  return { revision: { name }, decidedBy: `\`status.latestCreatedRevisionName\` in ${live.file}` }
}
