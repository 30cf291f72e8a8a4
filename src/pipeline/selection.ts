import type { Manifest } from '../manifest/manifest.js'
import { matchManifests } from '../manifest/select.js'
import { locate } from '../manifest/locate.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { nearest } from '../text/nearest.js'
import { optionWords } from '../text/shell-word.js'
import type { MoveRequest } from '../stages/moves.js'
import type { Request } from './outcome.js'

/** The Services that a run is about, or why it will not touch any. */
export type Selection = { readonly chosen: ReadonlySet<Manifest>; readonly refusals: readonly Diagnostic[] }

/**
 * Picks the Services by their patterns. A move touches more than one only when they are named or all are asked for:
 * two environments must not be edited by accident. `hasUnread` where a file says nothing that could be trusted: then
 * that there is no Service is not known.
 */
export function chosenFor(
  manifests: readonly Manifest[],
  request: Request,
  { hasUnread = false, hasOverlays = false }: { readonly hasUnread?: boolean; readonly hasOverlays?: boolean },
): Selection {
  const patterns = request.services ?? []
  const refusals: Diagnostic[] = []
  const chosen = new Set(patterns.length === 0 ? manifests : [])
  for (const pattern of patterns) {
    const matched = matchManifests(manifests, pattern)
    for (const manifest of matched) chosen.add(manifest)
    if (matched.length === 0) refusals.push(unmatched(pattern, manifests))
  }
  const [first, second] = chosen
  if (!request.move) return { chosen, refusals }
  if (!first) return { chosen, refusals: refusals.length > 0 || hasUnread ? refusals : [nothingFound(request.move)] }
  if (!second || patterns.length > 0 || request.all === true) return { chosen, refusals }
  return { chosen: new Set(), refusals: [...refusals, ambiguous([...chosen], first, request.move, hasOverlays)] }
}

/** What the commands that edit do to a Service. */
const deeds = { apply: 'move', next: 'move', release: 'release', set: 'change' } as const

/** Why a pattern that none of the manifests has a name for cannot be what the user means. */
export function unmatched(pattern: string, manifests: readonly Pick<Manifest, 'name' | 'label'>[]): Diagnostic {
  const names = [...new Set(manifests.map(({ name, label }) => (pattern.includes('/') ? label : name)))]
  const close = nearest(pattern, names)
  return {
    code: 'KN420',
    severity: 'error',
    message: `--service \`${pattern}\` must match a Knative Service, but none of the ${manifests.length} found has that name`,
    help:
      close === undefined
        ? 'run `kn-rollout validate --format json` to list them'
        : `did you mean ${optionWords('--service', close).join(' ')}?`,
    file: '',
  }
}

function nothingFound({ command }: MoveRequest): Diagnostic {
  return {
    code: 'KN421',
    severity: 'error',
    message: `there must be a Knative Service to ${command === 'apply' ? 'apply a stage to' : deeds[command]}, but the files hold none`,
    help: 'name the file or folder with the manifest (`apiVersion: serving.knative.dev/v1`, `kind: Service`)',
    file: '',
  }
}

/** More Services than a move may touch without being told so. */
export function ambiguous(
  found: readonly Manifest[],
  first: Manifest,
  { command }: MoveRequest,
  hasOverlays = false,
): Diagnostic {
  const who = command === 'apply' ? 'a stage' : `\`${command}\``
  const shown = found.slice(0, 10).map(({ label, file }) => `${label} (${file.path})`)
  const rest = found.length > shown.length ? ` and ${found.length - shown.length} more` : ''
  return {
    code: 'KN422',
    severity: 'error',
    message: `${who} must know which Service to ${deeds[command]}, but ${found.length} match: ${shown.join(', ')}${rest}`,
    help: `choose with --service [NAMESPACE/]NAME${hasOverlays ? ', an overlay with --overlay DIR,' : ''} or a path, or take them all with --all`,
    file: first.file.path,
    range: locate(first, ['metadata', 'name']),
  }
}
