// A GitOps repository out of thin air: the same bytes for the same seed.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Numbers from 0 to 1 in an order that the seed fixes (mulberry32). */
export function random(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const times = (count, make) => Array.from({ length: count }, (_, index) => make(index)).join('')

const environment = (next, indent) =>
  times(2 + Math.floor(next() * 8), (at) => `${indent}- name: SETTING_${at}\n${indent}  value: "${next()}"\n`)

const head = (version, kind, name, namespace) =>
  `apiVersion: ${version}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n  labels:\n    app.kubernetes.io/name: ${name}\n    app.kubernetes.io/part-of: ${namespace}\n`

const container = (next, name, indent) =>
  `${indent}- name: ${name}\n${indent}  image: registry.example.com/${name}:${Math.floor(next() * 90)}.0.1 # bumped by a robot\n${indent}  env:\n${environment(next, `${indent}    `)}${indent}  resources:\n${indent}    requests:\n${indent}      cpu: 100m\n${indent}      memory: 128Mi\n`

/** A Knative Service in the middle of a rollout, with comments as people leave them. */
export function knativeService(next, name, namespace) {
  return `# Owner: team ${namespace}
${head('serving.knative.dev/v1', 'Service', name, namespace)}spec:
  template:
    metadata:
      name: ${name}-00002
      annotations:
        autoscaling.knative.dev/min-scale: "${Math.floor(next() * 3)}"
        autoscaling.knative.dev/max-scale: "10"
    spec:
      containerConcurrency: 80
      containers:
${container(next, 'user-container', '        ')}          readinessProbe:
            successThreshold: 1
            tcpSocket:
              port: 0
  traffic:
    # the revision of last week
    - revisionName: ${name}-00001
      percent: 100 # All traffic goes to this revision
    - revisionName: ${name}-00002
      percent: 0
      tag: v2 # A named route
`
}

const kinds = [
  [
    0.34,
    'deployment.yaml',
    (next, name, namespace) =>
      `${head('apps/v1', 'Deployment', name, namespace)}spec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: ${name}\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/name: ${name}\n    spec:\n      containers:\n${container(next, name, '        ')}`,
  ],
  [
    0.52,
    'service.yaml',
    (_, name, namespace) =>
      `${head('v1', 'Service', name, namespace)}spec:\n  selector:\n    app.kubernetes.io/name: ${name}\n  ports:\n    - name: http\n      port: 80\n      targetPort: 8080\n`,
  ],
  [
    0.66,
    'config-map.yml',
    (next, name, namespace) =>
      `${head('v1', 'ConfigMap', name, namespace)}data:\n  settings.properties: |\n${times(20 + Math.floor(next() * 120), (at) => `    some.property.${at}=${next()}\n`)}`,
  ],
  [
    0.8,
    'kustomization.yaml',
    () =>
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - deployment.yaml\n  - service.yaml\n',
  ],
  [0.9, 'values.yaml', (next) => times(40, (at) => `setting${at}:\n  enabled: ${next() < 0.5}\n  weight: ${next()}\n`)],
  [
    0.93,
    'dashboard.json',
    (next) =>
      `${JSON.stringify({ panels: Array.from({ length: 60 + Math.floor(next() * 100) }, (_, id) => ({ id, title: `Panel ${id}`, targets: [{ expr: `sum(rate(requests_total{id="${next()}"}[5m]))` }] })) }, undefined, 2)}\n`,
  ],
  [
    0.94,
    'crd.yaml',
    (next) =>
      `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n${times(1500, (at) => `  field${at}:\n    description: A field number ${next()} of some resource.\n    type: string\n`)}`,
  ],
  [1, 'README.md', (_, name) => `# ${name}\n\n${'Words about this folder, as people write them.\n'.repeat(12)}`],
]

/** Writes `count` files, of which one in `every` is a Knative Service, and gives back the folder of the latter. */
export function writeRepository(folder, { count, every, seed }) {
  const next = random(seed)
  for (let index = 0; index < count; index++) {
    const namespace = `team-${index % 40}`
    const name = `app-${index}`
    const draw = next()
    const [, file, make] =
      index % every === 0 ? [1, 'ksvc.yaml', knativeService] : kinds.find(([limit]) => draw <= limit)
    const place = path.join(folder, 'clusters', namespace, name)
    mkdirSync(place, { recursive: true })
    writeFileSync(path.join(place, file), make(next, name, namespace))
  }
}
