import { isObject, member } from '../../manifest/json.js'
import { labelOf } from '../../manifest/kustomize/built.js'
import { entries, folderName, type Kustomization } from '../../manifest/kustomize/kustomization.js'
import type { Path } from '../../text/path.js'
import type { OverlayRule } from './overlay-rule.js'

/** kustomize goes by `kind: Service` and minds no group, so it takes a Knative Service for one of the core. */
export const labelledSelector: OverlayRule = {
  code: 'KN604',
  name: 'added-selector',
  severity: 'warning',
  title: 'a kustomization must not give a Service a selector',
  source:
    'sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts/commonlabels.go; fluxcd/kustomize-controller#741',
  why: () =>
    'For kustomize any kind called Service has a selector, and it adds one to Knative Services too, whose schema has none. Server-side apply, and so Flux, then refuses the Service: use `labels` without selectors.',
  *check(kustomization, builds) {
    const path = selecting(kustomization)
    const [built] = path ? builds.build(kustomization) : []
    if (!path || !built) return
    yield {
      message: `\`${path[0]}\` of \`${folderName(kustomization)}\` must not set selectors: kustomize gives the Knative Service of ${built.base.file.path} a \`spec.selector\`, which server-side apply refuses: ".spec.selector: field not declared in schema"`,
      help: 'write `labels: [{pairs: {…}}]` without `includeSelectors`: it sets labels and leaves selectors alone',
      at: kustomization,
      path,
      part: 'key',
      service: labelOf(built),
    }
  },
}

function selecting({ value }: Kustomization): Path | undefined {
  const common = member(value, 'commonLabels')
  if (isObject(common) && Object.keys(common).length > 0) return ['commonLabels']
  const own = entries(value, 'labels').find(({ item }) => member(item, 'includeSelectors') === true)
  return own && [...own.path, 'includeSelectors']
}
