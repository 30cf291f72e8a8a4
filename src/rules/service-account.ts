import { member } from '../manifest/json.js'
import { quoted, shown, textField } from './fields.js'
import { dns1123Subdomain } from './names.js'
import { podSpec } from './parts.js'
import type { Rule } from './rule.js'

/** Elsewhere an account may be an e-mail address; in Kubernetes it is an object with a name. */
export const serviceAccountName: Rule = {
  code: 'KN362',
  name: 'service-account-name',
  severity: 'error',
  title: 'serviceAccountName must be the name of an object',
  source: 'pkg/apis/serving/k8s_validation.go ValidatePodSpec',
  why: () =>
    'The account that the pods run as is an object in the same namespace, and this is its name. An e-mail address is what other platforms call accounts and can be no such object: name a ServiceAccount.',
  *check(manifest) {
    const spec = podSpec(manifest)
    const name = spec && textField(spec.value, 'serviceAccountName')
    const wrong = name ? dns1123Subdomain(name) : undefined
    if (!spec || wrong === undefined) return
    const path = [...spec.path, 'serviceAccountName']
    yield {
      message: `${quoted(path)} must be the name of a ServiceAccount, but is ${shown(name)}: ${shown(`invalid value: ${name}`)}, "${wrong}"`,
      help: 'name the ServiceAccount in the namespace; e-mail addresses belong to Cloud Run',
      path,
    }
  },
}

/** It can be turned off; on is the default and must not be said. */
export const automountToken: Rule = {
  code: 'KN363',
  name: 'service-account-token',
  severity: 'error',
  title: 'automountServiceAccountToken must not be true',
  source: 'pkg/apis/serving/fieldmask.go PodSpecMask',
  why: () =>
    'The token of the account is mounted anyway, and a stock Knative allows to switch that off only. Remove the field, or set it to false.',
  *check(manifest) {
    const spec = podSpec(manifest)
    if (!spec || member(spec.value, 'automountServiceAccountToken') !== true) return
    const path = [...spec.path, 'automountServiceAccountToken']
    yield {
      message: `${quoted(path)} must not be true: "must not set the field(s)"`,
      help: 'remove it: the token is mounted unless this is false',
      path,
    }
  },
}
