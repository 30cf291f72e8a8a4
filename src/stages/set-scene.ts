import type { Manifest } from '../manifest/manifest.js'
import { sameRevision, type Revision, type TrafficTarget } from '../manifest/traffic.js'
import { nearest } from '../text/nearest.js'
import { numberOf } from '../manifest/revision-number.js'
import { knownRevisions } from './known-revisions.js'
import type { Witnesses } from './move.js'
import { serviceName } from './service-name.js'
import type { Refusal } from './stage.js'

/** A Service as the steps of `set` see it. */
export type Scene = {
  readonly manifest: Manifest
  /** The revisions that a user can mean. */
  readonly known: readonly string[]
  /** What else knows of revisions: asked only where it decides. */
  readonly witnesses: Witnesses
  /** Whether names of revisions and tags may be ones that the file does not know. */
  readonly allowUnknown: boolean
}

/**
 * Why a name is not taken for a revision of the Service, or undefined where it may be one. kn takes any name, and the
 * cluster then waits for a revision that never comes.
 */
export function unknownTarget(
  name: string,
  flag: '--tag' | '--traffic',
  traffic: readonly TrafficTarget[],
  { manifest, known, witnesses, allowUnknown }: Scene,
): Refusal | undefined {
  const service = serviceName(manifest, witnesses)
  if (allowUnknown || known.includes(name) || numberOf(service, name) !== undefined) return undefined
  if (knownRevisions(manifest, witnesses).includes(name)) return undefined
  const tags = tagsIn(traffic)
  const listed = [...known.map((one) => `\`${one}\``), ...(flag === '--tag' ? [] : tags.map((tag) => `tag \`${tag}\``))]
  const tagged = flag === '--tag' ? traffic.find(({ tag }) => tag === name)?.revision : undefined
  const short = known.find((one) => one === `${service}-${name}`)
  const close = short ?? nearest(name, flag === '--tag' ? known : [...tags, ...known])
  const meant = tagged && 'name' in tagged ? tagged.name : close
  return {
    code: 'KN450',
    message: `${flag} must name a revision${flag === '--tag' ? '' : ' or a tag'} that the file knows${listed.length > 0 ? ` (${listed.join(', ')})` : ''}, but names \`${name}\``,
    help: `${meant === undefined ? '' : `did you mean \`${meant}\`? `}--allow-unknown takes a name that only the cluster knows`,
  }
}

/** The tags of a list, in its order. */
export function tagsIn(traffic: readonly TrafficTarget[]): readonly string[] {
  return traffic.flatMap(({ tag }) => tag ?? [])
}

/** The position of a revision's first target, or -1. */
export function indexOfRevision(traffic: readonly TrafficTarget[], wanted: Revision): number {
  return traffic.findIndex(({ revision }) => sameRevision(revision, wanted))
}
