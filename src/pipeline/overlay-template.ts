import { type Built, builtLabel, folderName, type Kustomization, type Said } from '../kustomize/kustomization.js'
import { locate, type Spot } from '../manifest/manifest.js'
import { containersPath, ownNamePath } from '../manifest/names.js'
import { lastWordAt } from '../rules/overlays.js'
import type { ReleaseRequest } from '../stages/release.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { shellPath } from '../text/words.js'
import { initHelp, ownParts } from './overlay-parts.js'
import { isOf, needsContainers } from './overlay-release.js'

type Released = {
  readonly request: ReleaseRequest
  readonly commandLine?: string | undefined
  readonly spotsIn: SpotsIn
}

/** Where the key of a field of a built Service stands, and those of the images in it, if all that makes it is read. */
export type SpotsIn = (built: Built, path: Path) => readonly Spot[]

/** Why a new revision cannot be made in the file that decides on the traffic: another one decides on the template. */
export function templateElsewhere(
  overlay: Kustomization,
  built: Built,
  all: readonly Built[],
  { request, commandLine, spotsIn }: Released,
): Diagnostic | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const own = word.manifest
  const folder = folderName(overlay)
  const refusal = (what: string, { word: last }: Said, path: Path, help: string): Diagnostic => {
    const said = lastWordAt(last)
    const { file } = said
    const spot = spotsIn(built, path).find((one) => one.file.path === file)
    const message = `cannot release \`${builtLabel(built)}\` in one diff: ${what} is in \`${file}\`, its traffic in \`${own.file.path}\``
    const range = spot?.range ?? locate(said.at, last.by === 'manifest' ? path : said.path, 'key')
    const place = { file: spot ? file : said.at.file.path, range, path: formatPath(path) }
    return { code: 'KN465', severity: 'error', message, help, ...place, service: builtLabel(built) }
  }
  const byHand = `change the template manually, then run \`kn-rollout apply preview --overlay ${shellPath(folder)}\``
  const { revision, containers } = built
  // A patch may bring a name where its base has one, but nothing beside what comes after it.
  const isOver = own !== built.base && isOf(built.base, revision)
  const canName = revision.value === undefined || isOf(own, revision) || isOver
  if (needsContainers(built, request) && !isOf(own, containers)) {
    const canInit = canName && ownParts(overlay, built, all, request) !== undefined
    return refusal('the container', containers, containersPath, canInit ? initHelp(commandLine) : byHand)
  }
  return canName ? undefined : refusal('its revision name', revision, ownNamePath, byHand)
}
