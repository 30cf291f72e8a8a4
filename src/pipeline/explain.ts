import type { Code } from '../codes/code.js'
import { type Example, examples } from '../codes/examples.js'
import { nearest } from '../text/words.js'
import { allCodes } from './codes.js'

/** A code with what there is to know about it. */
export type Explanation = Omit<Code, 'why'> & {
  /** What happens on the cluster, and what to do. */
  readonly why: string
  /** Absent where no text can show it, or where it depends on the command. */
  readonly example?: Example
  /** An example of several files, where one manifest cannot show it. */
  readonly tree?: ExampleTree
}

/** Every code, explained, in order. */
export function explanations(): readonly Explanation[] {
  const shown = examples()
  return allCodes().map((row) => {
    const example = shown[row.code]
    const tree = exampleTrees[row.code]
    return { ...row, why: row.why(), ...(example && { example }), ...(tree && { tree }) }
  })
}

/** The explanation of a code by its number, however its letters are cased, or by its name. */
export function explanationOf(word: string): Explanation | undefined {
  return explanations().find(({ code, name }) => code === word.toUpperCase() || name === word.toLowerCase())
}

/** The code or name that was most likely meant, or undefined where none is near. */
export function nearestCode(word: string): string | undefined {
  return nearest(
    word,
    allCodes().flatMap(({ code, name }) => [code, name]),
  )
}

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
const exampleTrees: Readonly<Record<string, ExampleTree>> = {
  KN460: {
    bad: overlay('dev', '') + overlay('prod', '') + base,
    good: overlay('dev', '') + overlay('prod', own) + base,
  },
  KN602: {
    bad: overlay('dev', '') + overlay('prod', images) + base,
    good: overlay('dev', '') + overlay('prod', images + renamed) + base,
  },
}
