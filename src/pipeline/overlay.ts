import { type Built, builtId, builtLabel, folderName, type Kustomization } from '../kustomize/kustomization.js'
import { matchManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import type { ReleaseRequest } from '../stages/release.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { inQuotes, shellPath, shellWord } from '../text/words.js'
import type { Kustomizations } from './kustomizations.js'
import { initHelp, ownParts, patchFile, patchText } from './overlay-parts.js'
import { type SpotsIn, templateElsewhere } from './overlay-template.js'
import { inFolder, refusalAt } from './refusal.js'

/** The command that writes a patch into `file`, which says of the traffic what is so already. It fits on one line. */
function patchCommand(built: Built, file: string): string {
  const lines = patchText(built, undefined).trimEnd().split('\n')
  return `printf '%s\\n' ${lines.map(inQuotes).join(' ')} > ${shellWord(file)}`
}

/** The Services and patches that decide on the traffic of an overlay, or why some of it must not be edited. */
type OverlayTargets = {
  readonly targets: readonly Manifest[]
  readonly refusals: readonly Diagnostic[]
}

type Wanted = {
  readonly services: readonly string[]
  readonly shared: boolean
  /** What a release makes anew; absent where only traffic moves. */
  readonly release?: ReleaseRequest
  /** The command as it was commandLine. */
  readonly commandLine?: string | undefined
  readonly spotsIn: SpotsIn
}

/** Finds what to edit so that the traffic of an overlay changes and that of no other one does. */
export function overlayTargets(overlay: Kustomization, repository: Kustomizations, wanted: Wanted): OverlayTargets {
  const all = repository.builds.build(overlay)
  const chosen = all.filter((built) => isMeant(built, wanted.services))
  const targets = new Set<Manifest>()
  const refusals: Diagnostic[] = []
  if (all.length === 0) refusals.push(nothingBuilt(overlay))
  for (const built of chosen) {
    const refusal =
      obstacle(overlay, built) ??
      (wanted.release && templateElsewhere(overlay, built, all, { ...wanted, request: wanted.release })) ??
      (wanted.shared ? undefined : sharing(overlay, built, chosen, { ...wanted, repository, all }))
    if (refusal) refusals.push(refusal)
    else if (built.traffic.word.by === 'manifest') targets.add(built.traffic.word.manifest)
  }
  return { targets: [...targets], refusals }
}

/** A pattern may mean the name in the file, or the one that the overlay gives. */
export function isMeant(built: Built, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true
  const present = { ...built.base, name: builtId(built).name, label: builtLabel(built) }
  return patterns.some((pattern) => matchManifests([built.base, present], pattern).length > 0)
}

function nothingBuilt(overlay: Kustomization): Diagnostic {
  const message = `cannot edit the overlay \`${folderName(overlay)}\`: its files build no Knative Service`
  const help = `compare with the output of \`kubectl kustomize ${shellPath(folderName(overlay))}\`; remote bases are not read`
  return refusalAt(overlay, ['resources'], { code: 'KN421', message, help })
}

function obstacle(overlay: Kustomization, built: Built): Diagnostic | undefined {
  const { word } = built.traffic
  const service = builtLabel(built)
  if (word.by === 'manifest') return undefined
  const file = patchFile(built, 'traffic')
  const folder = folderName(word.kustomization)
  const place = inFolder(folder, file)
  const how = built.traffic.over
    ? `save the list from \`kubectl kustomize ${shellPath(folder)}\` as a patch in \`${place}\``
    : `run \`${patchCommand(built, place)}\``
  const help = `${how}, and add \`- path: ${file}\` to \`patches\` in \`${word.kustomization.file.path}\`, in place of this one`
  const at = [word.kustomization, word.path] as const
  if (word.by === 'inline') {
    const message = `cannot edit \`spec.traffic\` of \`${service}\`: it is in an inline patch of the kustomization`
    return refusalAt(...at, { code: 'KN461', message, help }, service)
  }
  if (word.by === 'json') {
    const message = `cannot edit \`spec.traffic\` of \`${service}\`: a JSON patch sets it`
    return refusalAt(...at, { code: 'KN462', message, help }, service)
  }
  const message = `cannot determine \`spec.traffic\` of \`${service}\` in \`${folderName(overlay)}\`: ${word.why}`
  const plain = 'write the patch as a plain part of the Service, with `apiVersion`, `kind` and `metadata.name`'
  return refusalAt(...at, { code: 'KN464', message, help: plain }, service)
}

type Sharing = Wanted & { readonly repository: Kustomizations; readonly all: readonly Built[] }

/** Who else takes the list from the very same place. */
function sharing(
  overlay: Kustomization,
  built: Built,
  chosen: readonly Built[],
  { repository, release, commandLine, all }: Sharing,
): Diagnostic | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const others = repository[release ? 'madeOf' : 'touchedBy'](word.manifest).filter(
    (one) => !chosen.some((own) => isPartOf(own, one.built) && one.built.through.includes(overlay)),
  )
  if (others.length === 0) return undefined
  const names = new Set(
    others.map(({ root, built: one }) => folderName(root) + (root === overlay ? ` (${builtLabel(one)})` : '')),
  )
  const folder = folderName(overlay)
  const list = [...names].map((one) => `\`${one}\``).join(', ')
  const { kustomization = overlay, path = ['resources'] } = word
  const [verb, field] = release ? ['release', 'spec.template'] : ['change', 'spec.traffic']
  const message = `cannot ${verb} \`${folder}\` alone: its \`${field}\` comes from \`${word.manifest.file.path}\`, which ${list} ${names.size === 1 ? 'uses' : 'use'} too`
  const canInit = ownParts(overlay, built, all, release) !== undefined
  const byHand = `give the overlay a patch with the revision name, all containers as \`kubectl kustomize ${shellPath(folder)}\` prints them, and the traffic`
  const help = `${canInit ? initHelp(commandLine) : byHand}, or add \`--shared\` to change all`
  return refusalAt(kustomization, path, { code: 'KN460', message, help }, builtLabel(built))
}

/** Whether what one kustomization built became part of what another one delivers. */
export function isPartOf(built: Built, delivered: Built): boolean {
  const { name, namespace } = builtId(built)
  return built.base === delivered.base && delivered.ids.some((id) => id.name === name && id.namespace === namespace)
}
