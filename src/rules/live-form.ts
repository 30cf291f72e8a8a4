import type { Manifest } from '../manifest/manifest.js'
import type { Remedy } from '../text/diagnostic.js'
import type { Path } from '../text/path.js'
import { liveQuantity } from '../text/words.js'
import { isList, isObject, type Json, type JsonObject } from '../yaml/json.js'
import { podSpec } from './places.js'
import { type Finding, quoted, type Rule, shown } from './rule.js'

/** A form that the webhook rewrites, for all that it means: the text that is live, or nothing where the member falls away. */
type VainForm = { readonly path: Path; readonly live: string | undefined; readonly isAlone: boolean }

/** Fields that Go leaves out while they are empty, by where they stand: those of any place under `''`. */
const emptyTexts: Readonly<Record<string, readonly string[]>> = {
  containers: ['workingDir', 'terminationMessagePath', 'terminationMessagePolicy', 'imagePullPolicy'],
  initContainers: ['workingDir', 'terminationMessagePath', 'terminationMessagePolicy', 'imagePullPolicy'],
  env: ['value'],
  envFrom: ['prefix'],
  ports: ['name'],
  volumeMounts: ['subPath'],
  emptyDir: ['medium'],
  httpGet: ['path', 'host', 'scheme'],
  tcpSocket: ['host'],
  spec: ['serviceAccountName'],
}
const emptyLists: ReadonlySet<string> = new Set([
  'add',
  'args',
  'command',
  'drop',
  'env',
  'envFrom',
  'httpHeaders',
  'imagePullSecrets',
  'initContainers',
  'items',
  'ports',
  'volumeMounts',
  'volumes',
])
const amounts: ReadonlySet<string> = new Set(['limits', 'requests'])
const zeros: ReadonlySet<string> = new Set([
  'failureThreshold',
  'initialDelaySeconds',
  'periodSeconds',
  'successThreshold',
  'timeoutSeconds',
])

function isEmptyHere(parent: string, name: string, value: Json): boolean {
  if (value === null) return true
  if (isList(value)) return value.length === 0 && emptyLists.has(name)
  if (isObject(value)) return Object.keys(value).length === 0 && amounts.has(name)
  if (value === '') return emptyTexts[parent]?.includes(name) === true
  if (value === 0) return parent.endsWith('Probe') && zeros.has(name)
  return value === false && name === 'readOnly' && parent === 'volumeMounts'
}

/** Parts of a Pod that only an operator can have a cluster take; how they are stored is not looked at. */
const unknown: ReadonlySet<string> = new Set([
  'affinity',
  'csi',
  'dnsConfig',
  'ephemeral',
  'hostAliases',
  'hostPath',
  'image',
  'nodeSelector',
  'persistentVolumeClaim',
  'securityContext',
  'tolerations',
  'topologySpreadConstraints',
])

/**
 * The forms in a template that no cluster keeps, for what they mean is what another form, or none, means as well.
 *
 * Source: k8s.io/api/core/v1 types.go (`omitempty`), k8s.io/apimachinery/pkg/api/resource Quantity.MarshalJSON
 */
export function vainForms(manifest: Manifest): readonly VainForm[] {
  const spec = podSpec(manifest)
  return spec ? inMapping(spec.value, 'spec', spec.path) : []
}

function inMapping(value: JsonObject, key: string, path: Path): readonly VainForm[] {
  if (amounts.has(key)) return Object.entries(value).flatMap(([name, item]) => ofAmount(item, [...path, name]))
  const members = Object.entries(value)
  const isAlone = members.every(([name, item]) => isEmptyHere(key, name, item))
  return members.flatMap(([name, item]) => {
    const at = [...path, name]
    if (isEmptyHere(key, name, item)) return [{ path: at, live: undefined, isAlone }]
    if (name === 'sizeLimit' || name === 'divisor') return ofAmount(item, at)
    // What the Pod's own securityContext may have, a container's may not have.
    return unknown.has(name) && (key === 'spec' || name !== 'securityContext') ? [] : inside(item, name, at)
  })
}

function inside(value: Json, key: string, path: Path): readonly VainForm[] {
  if (isObject(value)) return inMapping(value, key, path)
  if (!isList(value)) return []
  return value.flatMap((item, index) => (isObject(item) ? inMapping(item, key, [...path, index]) : []))
}

function ofAmount(value: Json, path: Path): readonly VainForm[] {
  if (typeof value !== 'string' && typeof value !== 'number') return []
  const live = liveQuantity(String(value))
  return live === undefined || live === value ? [] : [{ path, live, isAlone: false }]
}

const unless = 'Argo CD will stay OutOfSync without server-side diff'

/** Argo CD compares the texts of a file with what is live, and syncs for ever what never becomes the same. */
const liveForm: Rule = {
  code: 'KN379',
  name: 'out-of-sync-spelling',
  severity: 'warning',
  optional: true,
  fixable: true,
  title: 'Argo CD stays out of sync because of how a value is written',
  source: 'k8s.io/apimachinery/pkg/api/resource Quantity.MarshalJSON; argo-cd docs/user-guide/diff-strategies.md',
  why: () =>
    'Knative stores the meaning of a template, not its text: `1024Mi` becomes `1Gi`, and an empty value disappears. With its default diff Argo CD then shows the Service OutOfSync permanently. Write the stored form, as `validate --fix` does; the cluster sees no change.',
  isWanted: (manifest, { isMending, isSyncedByArgoCD }) => isMending === true || isSyncedByArgoCD?.(manifest) === true,
  *check(manifest) {
    for (const form of vainForms(manifest)) {
      // In a patch, what is empty takes away what stands in the base.
      if (form.live !== undefined || manifest.file.isPatch !== true) yield finding(form)
    }
  },
}

function finding({ path, live, isAlone }: VainForm): Finding {
  const state = live === undefined ? 'has no effect' : `is stored as ${shown(live)}`
  const remedy: Remedy = live === undefined ? { kind: 'remove', path } : { kind: 'write', path, value: live }
  return {
    message: `${quoted(path)} ${state}: ${unless}`,
    help: live === undefined ? 'remove it' : `write ${shown(live)}, which means the same`,
    path,
    // Without its only member a mapping would go, and mean something else.
    ...(!isAlone && { remedy }),
  }
}

export const liveFormRules: readonly Rule[] = [liveForm]
