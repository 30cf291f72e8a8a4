import type { Manifest } from '../manifest/manifest.js'
import { readTraffic, revisionText, type Revision } from '../manifest/traffic.js'
import { fetchMore } from '../text/fetch-more.js'
import { cluesOf } from './clues.js'
import type { Witnesses } from './move.js'
import { servedBefore } from './past-signs.js'
import { findRoles } from './roles.js'
import { serviceName, unclearService } from './service-name.js'
import { isRefusal, type Refusal } from './stage.js'

/**
 * The revision that a flag names: a name with `{{.Service}}` filled in, `@latest`, or one of those that the file and Git
 * tell: `@current` and `@candidate` are its roles, `@previous` is what served before `@current`.
 */
export function parseRevision(
  text: string,
  manifest: Manifest,
  flag: string,
  witnesses: Witnesses = {},
): Revision | Refusal {
  if (text === '@latest') return { latest: true }
  if (text === '@current' || text === '@candidate' || text === '@previous') return told(text, manifest, flag, witnesses)
  const name = serviceName(manifest, witnesses)
  if (text.startsWith('@') || text.trim() === '') {
    return {
      code: 'KN409',
      message: `${flag} must be a revision name or one of \`@latest\`, \`@current\`, \`@candidate\`, \`@previous\`, but is \`${text}\``,
      help: `write ${flag} @latest, or a name such as ${flag} {{.Service}}-00001`,
    }
  }
  const filled = text.replaceAll(/\{\{\s*\.Service\s*\}\}/g, name)
  const unclear = filled === text ? undefined : unclearService(witnesses)
  if (unclear) return unclear
  if (!filled.includes('{{') && (name !== '' || filled === text)) return { name: filled }
  return {
    code: 'KN409',
    message: `${flag} must not hold a placeholder besides \`{{.Service}}\` of a named service, but is \`${text}\``,
    help: `write the whole revision name, such as ${flag} shop-v1`,
  }
}

function told(
  word: '@current' | '@candidate' | '@previous',
  manifest: Manifest,
  flag: string,
  witnesses: Witnesses,
): Revision | Refusal {
  const { stable, candidate } = findRoles(cluesOf(manifest, readTraffic(manifest) ?? [], witnesses))
  const role = word === '@candidate' ? candidate : stable
  if (isRefusal(role)) return role
  if (word !== '@previous') return role.revision
  const past = witnesses.past?.()
  const served = past && 'name' in role.revision ? servedBefore(past, role.revision.name) : undefined
  if (served) return { name: served.name }
  return {
    code: 'KN409',
    message: `${flag} \`@previous\` must be told by Git, but that shows no revision that had all of the traffic before \`${revisionText(role.revision)}\``,
    help: `name it, such as ${flag} {{.Service}}-00001; in a shallow clone, ${fetchMore} first`,
  }
}
