import { type Built, builtLabel, folderName, type Kustomization } from '../kustomize/kustomization.js'
import { lastWordAt } from '../rules/overlays.js'
import type { ReleaseRequest } from '../stages/release.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { shellPath } from '../text/words.js'
import { initHelp, ownParts } from './overlay-parts.js'
import { isOf, needsContainers } from './overlay-release.js'
import { refusalAt } from './refusal.js'

/** Why a new revision cannot be made in the file that decides on the traffic: another one decides on the template. */
export function templateElsewhere(
  overlay: Kustomization,
  built: Built,
  all: readonly Built[],
  request: ReleaseRequest,
  commandLine: string | undefined,
): Diagnostic | undefined {
  const { word } = built.traffic
  if (word.by !== 'manifest') return undefined
  const own = word.manifest
  const folder = folderName(overlay)
  const refusal = (what: string, at: string, help: string): Diagnostic => {
    const message = `cannot release \`${builtLabel(built)}\` in one diff: ${what} is in \`${at}\`, its traffic in \`${own.file.path}\``
    const { kustomization = overlay, path = ['resources'] } = word
    return refusalAt(kustomization, path, { code: 'KN465', message, help }, builtLabel(built))
  }
  const byHand = `change the template manually, then run \`kn-rollout apply preview --overlay ${shellPath(folder)}\``
  const { revision, containers } = built
  // A patch may bring a name where its base has one, but nothing beside what comes after it.
  const isOver = own !== built.base && isOf(built.base, revision)
  const canName = revision.value === undefined || isOf(own, revision) || isOver
  if (needsContainers(built, request) && !isOf(own, containers)) {
    const canInit = canName && ownParts(overlay, built, all, request) !== undefined
    return refusal('the container', lastWordAt(containers.word).file, canInit ? initHelp(commandLine) : byHand)
  }
  return canName ? undefined : refusal('its revision name', lastWordAt(revision.word).file, byHand)
}
