import { sameRevision, type Revision } from '../manifest/traffic.js'
import { isName, namedIn, namesIn } from './names.js'
import { headServing, citationOf, servedBefore } from './past-signs.js'
import type { Clues, Role } from './roles.js'
import { shareOf } from './shares.js'

/** The revision that serves today: by the traffic, else by Git, the template's own name, the cluster's own words. */
export function findStable(clues: Clues, candidate: Role): Role {
  const { traffic } = clues
  const other = 'revision' in candidate ? candidate.revision : undefined
  const names = namesIn(traffic).filter((name) => !other || !sameRevision(other, { name }))
  const shares = names.map((name) => ({ name, share: shareOf(traffic, { name }) }))
  const most = Math.max(...shares.map(({ share }) => share))
  const leading = shares.filter(({ share }) => share === most)
  const [first] = leading
  if (leading.length === 1 && first) {
    const decidedBy = other
      ? 'the target with the most traffic that is not the candidate'
      : 'the target with the most traffic'
    return { revision: { name: first.name }, decidedBy }
  }
  return (
    (names.length === 0 ? unnamed(clues, other) : undefined) ??
    (most === 0 ? idle(clues, other, names) : undefined) ??
    liveStable(clues, other) ?? {
      code: 'KN402',
      message: `the stable revision must be known, but the file does not tell which one serves today${namedIn(names)}`,
      help: 'look it up with `kubectl get ksvc` and name it with --stable, for example --stable {{.Service}}-00001, or save what that prints with -o yaml and hand it over with --live FILE',
    }
  )
}

/** Where the traffic names nothing but the candidate: what Git has seen serving before, else what the template builds. */
function unnamed(clues: Clues, other: Revision | undefined): Role | undefined {
  const { templateName } = clues
  const past = other && 'name' in other ? clues.past?.() : undefined
  const served = other && 'name' in other ? past && servedBefore(past, other.name) : headServing(clues)
  if (served && served.name !== templateName) return { revision: { name: served.name }, decidedBy: citationOf(served) }
  if (templateName === undefined || (other && isName(other, templateName))) return undefined
  return { revision: { name: templateName }, decidedBy: '`spec.template.metadata.name`' }
}

/** Which of several without a share is the way back: the one that Git has seen serving before the candidate. */
function idle({ past }: Clues, other: Revision | undefined, names: readonly string[]): Role | undefined {
  const known = other && 'name' in other ? past?.() : undefined
  const served = known && other && 'name' in other ? servedBefore(known, other.name) : undefined
  if (!served || !names.includes(served.name)) return undefined
  return { revision: { name: served.name }, decidedBy: citationOf(served) }
}

function liveStable({ live }: Clues, other: Revision | undefined): Role | undefined {
  if (!live) return undefined
  const isOpen = (name: string): boolean => !other || !isName(other, name)
  const [most] = live.traffic
    .filter(({ revisionName, percent }) => percent > 0 && isOpen(revisionName))
    .toSorted((a, b) => b.percent - a.percent)
  if (most) return { revision: { name: most.revisionName }, decidedBy: `\`status.traffic\` in ${live.file}` }
  const name = live.latestReady
  if (name === undefined || !isOpen(name)) return undefined
  return { revision: { name }, decidedBy: `\`status.latestReadyRevisionName\` in ${live.file}` }
}
