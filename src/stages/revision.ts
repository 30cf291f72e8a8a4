import type { Manifest } from '../manifest/manifest.js'
import type { Revision } from '../manifest/traffic.js'
import type { Refusal } from './stage.js'

/** The revision that a flag names: `@latest`, or a name with `{{.Service}}` filled in. */
export function parseRevision(text: string, { name }: Manifest, flag: string): Revision | Refusal {
  if (text === '@latest') return { latest: true }
  if (text.startsWith('@') || text.trim() === '') {
    return {
      code: 'KN409',
      message: `${flag} must be a revision name or \`@latest\`, but is \`${text}\``,
      help: `write ${flag} @latest, or a name such as ${flag} {{.Service}}-00001`,
    }
  }
  const filled = text.replaceAll(/\{\{\s*\.Service\s*\}\}/g, name)
  if (!filled.includes('{{') && (name !== '' || filled === text)) return { name: filled }
  return {
    code: 'KN409',
    message: `${flag} must not hold a placeholder besides \`{{.Service}}\` of a named service, but is \`${text}\``,
    help: `write the whole revision name, such as ${flag} shop-v1`,
  }
}
