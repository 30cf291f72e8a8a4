import { isList, isObject, member, sameJson, type Json } from '../../manifest/json.js'
import type { Manifest } from '../../manifest/manifest.js'
import type { Path } from '../../text/path.js'
import { templateAsGo } from './as-go.js'
import { liveTemplate } from './live.js'
import { applied } from './merge.js'

const templatePath = ['spec', 'template']

/**
 * The fields in which the template that a cluster would get differs from the one that it has, though its own name stays.
 * `before` is what was applied last. Empty where the apply is admitted: the name changes, there is none, or nothing
 * differs. While the name stays, the webhook fills in no defaults, which alone can make the difference.
 *
 * Source: pkg/apis/serving/v1/revision_validation.go VerifyNameChange, configuration_defaults.go (knative/serving#13565)
 */
export function changesUnderName(before: Pick<Manifest, 'value'>, after: Pick<Manifest, 'value'>): readonly Path[] {
  const [old, fresh] = [member(before.value, ...templatePath), member(after.value, ...templatePath)]
  const name = member(old, 'metadata', 'name')
  if (!name || name !== member(fresh, 'metadata', 'name')) return []
  const live = liveTemplate(old)
  return differences(templateAsGo(live), templateAsGo(applied(live, old, fresh)), templatePath)
}

function differences(a: Json | undefined, b: Json | undefined, path: Path): readonly Path[] {
  if (sameJson(a, b)) return []
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
    return keys.flatMap((key) => differences(member(a, key), member(b, key), [...path, key]))
  }
  if (isList(a) && isList(b) && a.length === b.length)
    return a.flatMap((item, index) => differences(item, b[index], [...path, index]))
  return [path]
}
