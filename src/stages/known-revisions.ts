import type { Manifest } from '../manifest/manifest.js'
import { revisionsKnown } from '../manifest/past-facts.js'
import { numberOf } from '../manifest/revision-number.js'
import { readTraffic } from '../manifest/traffic.js'
import { nearest } from '../text/nearest.js'
import { cluesOf } from './clues.js'
import type { Witnesses } from './move.js'
import { namesIn } from './names.js'
import { remark, type Remark } from './remark.js'
import { serviceName } from './service-name.js'

/** The revisions of a Service that its template, its traffic, a saved live object or Git names, each once. */
export function knownRevisions(manifest: Manifest, witnesses: Witnesses = {}): readonly string[] {
  const past = witnesses.past?.()
  const inGit = past ? revisionsKnown(past).map(({ name }) => name) : []
  return [...new Set([...atHand(manifest, witnesses), ...inGit])]
}

/**
 * What to say of a revision that a flag names and nothing knows, where all of the past is known. A cluster may have it all
 * the same, so it is no refusal; and names that clusters generate are none of the files' business before a flag names them.
 */
export function unknownRevision(
  name: string,
  flag: string,
  manifest: Manifest,
  witnesses: Witnesses,
): Remark | undefined {
  const service = serviceName(manifest, witnesses)
  if (numberOf(service, name) !== undefined || atHand(manifest, witnesses).includes(name)) return undefined
  const names = knownRevisions(manifest, witnesses)
  if (names.includes(name)) return undefined
  const gaps = witnesses.past?.()?.gaps()
  if (!gaps || gaps.isCut || gaps.unread > 0) return undefined
  // The Service's name at the front would make all of them alike.
  const ends = new Map(names.map((known) => [endOf(known, service), known]))
  const close = ends.get(nearest(endOf(name, service), ends.keys()) ?? '')
  const live = witnesses.live ? ', Git or --live' : ' or Git'
  return remark({
    code: 'KN438',
    message: `${flag} must name a revision that there is, but \`${name}\` is not known to the template, \`spec.traffic\`${live}`,
    help:
      close === undefined
        ? 'look it up with `kubectl get revisions`: a missing revision holds back the whole split'
        : `did you mean \`${close}\`?`,
  })
}

function endOf(revision: string, service: string): string {
  return revision.startsWith(`${service}-`) ? revision.slice(service.length + 1) : revision
}

function atHand(manifest: Manifest, { live, ...witnesses }: Witnesses): readonly string[] {
  const { traffic, templateName } = cluesOf(manifest, readTraffic(manifest) ?? [], witnesses)
  const inLive = live ? [live.latestCreated, live.latestReady, ...live.traffic.map((one) => one.revisionName)] : []
  return [
    ...(templateName === undefined ? [] : [templateName]),
    ...namesIn(traffic),
    ...inLive.flatMap((name) => name ?? []),
  ]
}
