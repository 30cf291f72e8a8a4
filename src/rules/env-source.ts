import { member } from '../manifest/json.js'
import { quoted, textField } from './fields.js'
import { containers, variables } from './parts.js'
import type { Rule } from './rule.js'

/** Knative lets it pass; the Deployment that it makes of it does not. */
export const envSource: Rule = {
  code: 'KN399',
  name: 'env-value-conflict',
  severity: 'warning',
  title: 'an environment variable must not have both a value and a source',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation validateEnvVarValueFrom',
  why: () =>
    'A variable takes its value from one place. Knative admits both, but Kubernetes then refuses the pods, so the revision never becomes ready: keep the value or the source.',
  *check(manifest) {
    for (const container of containers(manifest)) {
      for (const { value, path } of variables(container)) {
        if (!textField(value, 'value') || (member(value, 'valueFrom') ?? null) === null) continue
        const source = [...path, 'valueFrom']
        yield {
          message: `${quoted(source)} must not be set beside \`value\`: admitted, but the pods are refused, "may not be specified when \`value\` is not empty"`,
          help: 'keep one of the two',
          path: source,
          part: 'key',
        }
      }
    }
  },
}
