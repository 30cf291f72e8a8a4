import { revisionText, sameRevision, type TrafficTarget } from '../manifest/traffic.js'
import { nearest } from '../text/nearest.js'
import { parseRevision } from './revision.js'
import { serviceName } from './service-name.js'
import { indexOfRevision, tagsIn, unknownTarget, type Scene } from './set-scene.js'
import { isRefusal, type Refusal, type StageResult } from './stage.js'

/** A tag and the revision that it is to name: its name, with `{{.Service}}` for the Service's, or `@latest`. */
export type TagWish = { readonly revision: string; readonly tag: string }

/** The traffic without these tags. A tag that is not there is refused as kn does: it is most likely misspelt. */
export function withoutTags(
  traffic: readonly TrafficTarget[],
  tags: readonly string[],
  { manifest, witnesses, allowUnknown }: Scene,
): StageResult {
  const known = tagsIn(traffic)
  const missing = [...new Set(tags)].filter((tag) => !known.includes(tag))
  const [first] = missing
  if (first === undefined || allowUnknown)
    return traffic.map(({ tag, ...rest }) => (tag === undefined || tags.includes(tag) ? rest : { ...rest, tag }))
  const close = nearest(first, known)
  return {
    code: 'KN451',
    message: `--untag must name tags in \`spec.traffic\`, but tag(s) ${missing.join(', ')} not present for any revisions of service ${serviceName(manifest, witnesses)}`,
    help:
      close === undefined ? '--allow-unknown passes over tags that are not there' : `did you mean --untag ${close}?`,
  }
}

/** The traffic with these tags given, in their order. */
export function withTags(traffic: readonly TrafficTarget[], wishes: readonly TagWish[], scene: Scene): StageResult {
  let tagged = traffic
  for (const wish of wishes) {
    const next = withTag(tagged, wish, scene)
    if (isRefusal(next)) return next
    tagged = next
  }
  return tagged
}

function withTag(traffic: readonly TrafficTarget[], { revision: text, tag }: TagWish, scene: Scene): StageResult {
  const revision = parseRevision(text, scene.manifest, '--tag', scene.witnesses)
  if (isRefusal(revision)) return revision
  const unknown = 'name' in revision ? unknownTarget(revision.name, '--tag', traffic, scene) : undefined
  if (unknown) return unknown
  const holder = traffic.find((target) => target.tag === tag)
  if (holder && sameRevision(holder.revision, revision)) return traffic
  if (holder) return taken(tag, holder)
  const index = indexOfRevision(traffic, revision)
  const present = traffic[index]
  if (present?.tag === undefined && present) return traffic.with(index, { ...present, tag })
  if (present && 'latest' in revision) return overwriting(present.tag ?? '', tag)
  return [...traffic, { revision, percent: 0, tag }]
}

function taken(tag: string, { revision }: TrafficTarget): Refusal {
  return {
    code: 'KN405',
    message: `tag \`${tag}\` must be unique in \`spec.traffic\`, but already names \`${revisionText(revision)}\`: refusing to overwrite existing tag in service`,
    help: `add --untag ${tag} to take it from there in the same command`,
  }
}

/** kn knows one target of the latest revision, and so one tag. */
function overwriting(old: string, tag: string): Refusal {
  return {
    code: 'KN452',
    message: `\`@latest\` must have one tag in \`spec.traffic\`, but has \`${old}\`: refusing to overwrite existing tag with \`${tag}\``,
    help: `add --untag ${old} to take it away in the same command`,
  }
}
