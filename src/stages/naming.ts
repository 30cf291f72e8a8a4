import { isList, member } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { shapeOf } from '../manifest/past-version.js'
import { numberOf } from '../manifest/revision-number.js'
import { wished, type FieldWish } from '../manifest/splice/field-wish.js'
import type { Revision } from '../manifest/traffic.js'
import type { Facts } from './move.js'
import { ownRevision } from './own-revision.js'
import { predictName } from './predict.js'
import { remark, type Remark } from './remark.js'
import { parseRevision } from './revision.js'
import { namingService, serviceName, severalServices } from './service-name.js'
import { isRefusal, type Refusal } from './stage.js'
import type { TemplateEdits } from './template-edits.js'
import type { TemplateChange } from './template-change.js'
import type { RoleFlags } from './wish.js'
import { thisService } from '../text/this-service.js'

/** What the user says of the new revision's name. */
export type NameFlags = RoleFlags & {
  /** An own name, or a pattern with words such as `{{.Next}}`. */
  readonly revisionName?: string
}

/** The revision that a release makes, and what that takes besides the edits of its template. */
type Naming = {
  readonly candidate: { readonly revision: Revision; readonly decidedBy: string }
  readonly fields: readonly FieldWish[]
  readonly revisionName?: TemplateChange['revisionName']
  readonly remarks: readonly Remark[]
}

/**
 * Follows the file: a template with a name gets a new one, one without keeps generated names, unless the user asks for
 * own ones. `isFollowed`: the file has a tagged route to whatever is latest.
 */
export function nameRevision(
  manifest: Manifest,
  facts: Facts,
  flags: NameFlags,
  edits: TemplateEdits & { readonly isFollowed: boolean },
): Naming | Refusal {
  const flagged =
    flags.candidate === undefined ? undefined : parseRevision(flags.candidate, manifest, '--candidate', facts)
  if (flagged && isRefusal(flagged)) return flagged
  const latest =
    flagged && 'latest' in flagged
      ? { revision: flagged, decidedBy: '--candidate' }
      : edits.isFollowed && !flagged
        ? { revision: { latest: true } as const, decidedBy: '`latestRevision: true` beside a pinned target' }
        : undefined
  const name = flagged && 'name' in flagged ? flagged.name : undefined
  // A patch brings a name where what it is laid over has one.
  const templateName = shapeOf(manifest).templateName ?? facts.templateName
  const remarks = latest ? [follows] : []
  // What `images` make of the containers comes first: the other wishes are for fields inside of them.
  const fields = [...(edits.built ? [edits.built] : []), ...edits.fields]
  if (templateName !== undefined || flags.revisionName !== undefined) {
    const service = namingService(manifest, facts)
    if (typeof service !== 'string') return service
    const pattern = patternFrom(flags, name)
    const own = ownRevision({
      manifest,
      service,
      present: templateName ?? '',
      fields,
      ...(edits.template.image?.isKustomized && { kustomized: edits.template.image }),
      past: facts.past?.(),
      ...(pattern && { pattern }),
    })
    if (isRefusal(own)) return own
    if (name !== undefined && name !== own.name) return contradiction(own.name, name)
    const isNew = own.name !== templateName
    return {
      candidate: latest ?? { revision: { name: own.name }, decidedBy: own.decidedBy },
      fields: isNew ? [{ kind: 'set', path: ['spec', 'template', 'metadata', 'name'], value: own.name }] : [],
      ...(isNew && { revisionName: { ...(templateName !== undefined && { before: templateName }), after: own.name } }),
      remarks,
    }
  }
  if (latest) return { candidate: latest, fields: [], remarks }
  const several = severalServices(facts)
  if (several) return several
  const service = serviceName(manifest, facts)
  if (name !== undefined) {
    if (numberOf(service, name) === undefined) return neverGenerated(service, name)
    return { candidate: { revision: { name }, decidedBy: '--candidate' }, fields: [], remarks }
  }
  return isKustomized(facts) && !facts.live ? unseen(service) : foretold(manifest, facts, flags, fields)
}

function foretold(manifest: Manifest, facts: Facts, flags: NameFlags, fields: readonly FieldWish[]): Naming | Refusal {
  const stable = flags.stable === undefined ? undefined : parseRevision(flags.stable, manifest, '--stable', facts)
  const past = facts.past?.()
  const told = predictName({
    service: serviceName(manifest, facts),
    present: shapeOf(manifest),
    template: member(wished(manifest.value, fields), 'spec', 'template'),
    ...(past && { past }),
    ...(facts.live && { live: facts.live }),
    ...(stable && 'name' in stable && { stable: stable.name }),
  })
  if (isRefusal(told)) return told
  const { name, basis, doubts } = told
  const prediction: Remark = remark({
    code: 'KN447',
    message: `\`${name}\` is predicted: ${basis}; a wrong number holds the split (Knative reports RevisionMissing)`,
    help: 'every commit must be synced by itself; own names need no prediction: --revision-name {{.Service}}-v{{.Next}}',
  })
  return {
    candidate: { revision: { name }, decidedBy: `prediction: ${basis}` },
    fields: [],
    remarks: [prediction, ...doubts],
  }
}

/** Whether `images` of kustomizations decide on an image of the template. */
function isKustomized({ containers = null, imageOf }: Facts): boolean {
  const images = isList(containers) ? containers.map((one) => member(one, 'image')) : []
  return images.some((image) => typeof image === 'string' && imageOf?.(image) !== undefined)
}

/** A new image in `images` makes a revision that the history of this file does not show. */
function unseen(service: string): Refusal {
  return {
    code: 'KN442',
    message: `the number of the next revision must be known, but \`images\` of a kustomization made revisions of \`${service}\` that the history of this file does not count`,
    help: 'hand over a saved live object with --live, follow the newest revision with --candidate @latest, or give revisions own names with --revision-name {{.Service}}-v{{.Next}}',
  }
}

/** The name or pattern that the user gives; `--candidate` names the revision that the template builds, too. */
function patternFrom(
  { revisionName }: NameFlags,
  candidate: string | undefined,
): { text: string; flag: string } | undefined {
  if (revisionName !== undefined) return { text: revisionName, flag: '--revision-name' }
  return candidate === undefined ? undefined : { text: candidate, flag: '--candidate' }
}

const follows: Remark = remark({
  code: 'KN449',
  message:
    '`latestRevision: true` follows every later change of the template: what is tested at its tag today may be another revision tomorrow',
  help: `name the revision once it is there: \`kn-rollout apply split ${thisService} --candidate NAME\``,
})

function contradiction(own: string, candidate: string): Refusal {
  return {
    code: 'KN444',
    message: `--candidate and --revision-name must give one name, but are \`${candidate}\` and \`${own}\``,
    help: 'leave one of them out',
  }
}

function neverGenerated(service: string, name: string): Refusal {
  return {
    code: 'KN444',
    message: `--candidate must be a name that the cluster can generate, such as \`${service}-00002\`, as the template has none of its own, but is \`${name}\``,
    help: `give the template that name with --revision-name ${name}, or follow the newest revision with --candidate @latest`,
  }
}
