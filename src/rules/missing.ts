import { formatPath, type Path } from '../text/path.js'
import type { Finding } from './rule.js'

/** The finding about a field that is absent or empty, in Knative's words for it (`apis.ErrMissingField`). */
export function missing(path: Path, help?: string): Finding {
  const field = formatPath(path)
  return {
    message: `\`${field}\` must be set, but is missing: "missing field(s): ${field}"`,
    ...(help !== undefined && { help }),
    path,
  }
}
