/** An example that takes several files; each begins with a comment that names it. */
export type ExampleTree = { readonly bad: string; readonly good: string }

const base = `# base/kustomization.yaml
resources: [shop.yaml]
# base/shop.yaml
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    metadata:
      name: shop-v1
    spec:
      containers:
        - name: user-container
          image: ghcr.io/acme/shop:1.0
          readinessProbe:
            successThreshold: 1
            tcpSocket: {}
  traffic:
    - revisionName: shop-v1
      percent: 100
`
const overlay = (folder: string, more: string): string =>
  `# ${folder}/kustomization.yaml\nresources: [../base]\n${more}`
const images = 'images:\n  - name: ghcr.io/acme/shop\n    newTag: "1.1"\n'
const renamed = `patches:
  - patch: |-
      apiVersion: serving.knative.dev/v1
      kind: Service
      metadata:
        name: shop
      spec:
        template:
          metadata:
            name: shop-v2
`

const own = `patches:
  - path: traffic.yaml
# prod/traffic.yaml
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  traffic:
    - revisionName: shop-v1
      percent: 100
`

/** The examples that one manifest cannot show, by code. */
export const exampleTrees: Readonly<Record<string, ExampleTree>> = {
  KN460: {
    bad: overlay('dev', '') + overlay('prod', '') + base,
    good: overlay('dev', '') + overlay('prod', own) + base,
  },
  KN602: {
    bad: overlay('dev', '') + overlay('prod', images) + base,
    good: overlay('dev', '') + overlay('prod', images + renamed) + base,
  },
}
