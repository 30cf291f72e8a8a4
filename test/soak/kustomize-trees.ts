// Random trees of kustomizations that mix all that a build can be asked for, around a Service that uses what they make.
import type { Tree } from '../trees.js'
import { Random } from './random.js'

/** A tree, the folder that is built, and what of kustomize is in it. */
export type RandomTree = { readonly tree: Tree; readonly root: string; readonly features: ReadonlySet<string> }

/** A kustomization while it is being written. */
type Layer = { readonly folder: string; readonly fields: Record<string, unknown>; readonly isFirst: boolean }

const versions = 'serving.knative.dev/v1'
const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

/** One way in which a kustomization has a say. */
type Feature = { readonly name: string; readonly share: number; readonly add: (layer: Layer, forest: Forest) => void }

class Forest {
  readonly tree: Record<string, string> = {}
  readonly features = new Set<string>()
  private count = 0
  /** The namespace that the Service is born in. */
  readonly namespace: string | undefined

  constructor(readonly random: Random) {
    this.namespace = random.chance(0.2) ? 'team' : undefined
  }

  note(...names: readonly string[]): void {
    for (const name of names) this.features.add(name)
  }

  /** Writes a file beside a kustomization, and gives its name. */
  file(layer: Layer, name: string, text: string): string {
    const own = name.replace('#', String(++this.count))
    this.tree[`${layer.folder}/${own}`] = text
    return own
  }

  push(layer: Layer, key: string, ...items: readonly unknown[]): void {
    const list = (layer.fields[key] ??= []) as unknown[]
    list.push(...items)
  }

  id(more: Record<string, unknown> = {}): Record<string, unknown> {
    return { name: 'shop', ...(this.namespace !== undefined && { namespace: this.namespace }), ...more }
  }

  partial(spec: unknown, metadata: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      apiVersion: versions,
      kind: 'Service',
      metadata: this.id(metadata),
      ...(spec === undefined ? {} : { spec }),
    }
  }
}

const scalarTexts = [
  '"80"',
  '80',
  '0755',
  '1.10',
  'yes',
  'on',
  '~',
  "'x y'",
  'null',
  '1e3',
  'a:b',
  '2024-01-01',
  '0x1F',
  '"1.0"',
  'true',
  '.5',
] as const

function serviceText(forest: Forest): string {
  const { random } = forest
  const name = random.chance(0.7) ? '\n      name: shop-v1' : ''
  const anchor = random.chance(0.12)
  if (anchor) forest.note('anchors and merge keys')
  const odd = random.chance(0.3)
  if (odd) forest.note('odd scalars')
  const oddEnv = odd ? `\n            - name: ODD\n              value: ${random.one(scalarTexts)}` : ''
  const blank = random.chance(0.1) ? '\n  annotations:' : ''
  const marks = random.chance(0.5)
    ? `\n  labels:\n    team: a\n    app: shop\n  annotations:\n    note: ${random.one(['"1"', 'plain', '"true"'])}`
    : blank
  const percent = random.one(['100', '100', '100', '"100"', '0x64'])
  return `apiVersion: ${versions}
kind: Service
metadata:
  name: shop${forest.namespace === undefined ? '' : `\n  namespace: ${forest.namespace}`}${marks}
spec:
  template:
    metadata:${name}
      ${anchor ? 'annotations: &notes' : 'annotations:'}
        autoscaling.knative.dev/min-scale: "1"
        version: v1
      labels:
        ${anchor ? '<<: *notes' : 'tier: web'}
    spec:
      containerConcurrency: ${random.one(['10', '0', '010'])}
      serviceAccountName: robot
      imagePullSecrets:
        - name: sec
      containers:
        - name: app
          image: ${random.one(['example.com/shop:1.0', 'example.com/shop', 'shop:2', 'example.com/shop@sha256:abc', '"example.com:80/shop:1.0"'])}
          args: ["--config=/etc/app/config.yaml", "$(MODE)"]
          env:
            - name: TOKEN
              valueFrom:
                secretKeyRef:
                  name: sec
                  key: token
            - name: MODE
              valueFrom:
                configMapKeyRef:
                  name: cfg
                  key: mode${oddEnv}
          envFrom:
            - configMapRef:
                name: cfg
            - secretRef:
                name: sec
        - name: helper
          image: helper:1
      volumes:
        - name: files
          projected:
            sources:
              - secret:
                  name: sec
              - configMap:
                  name: cfg
  traffic:
    - revisionName: shop-v1
      percent: ${percent}
    - latestRevision: true
      percent: 0
      tag: next
`
}

const otherObjects = (forest: Forest): readonly Record<string, unknown>[] => {
  const namespace = forest.namespace === undefined ? {} : { namespace: forest.namespace }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', ...namespace } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'values', ...namespace },
      data: { image: 'example.com/other:3.1', percent: '40', name: 'shop-v7', list: 'a,b,c' },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shop', ...namespace },
      spec: {
        replicas: 1,
        selector: {},
        template: { metadata: {}, spec: { containers: [{ name: 'app', image: 'example.com/worker:9' }] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'shop', ...namespace },
      spec: { selector: { app: 'shop' }, ports: [{ port: 80 }] },
    },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } },
  ]
}

function traffic(random: Random): unknown {
  return random.one<unknown>([
    [{ latestRevision: true, percent: 100 }],
    [
      { revisionName: 'shop-v1', percent: 90 },
      { revisionName: 'shop-v2', percent: 10, tag: 'canary' },
    ],
    [],
    [{ revisionName: 'shop-v1', percent: '100' }],
  ])
}

function mergeSpec(forest: Forest): Record<string, unknown> {
  const { random } = forest
  const spec: Record<string, unknown> = {}
  const template: Record<string, unknown> = {}
  if (random.chance(0.6)) spec['traffic'] = traffic(random)
  if (random.chance(0.4))
    template['metadata'] = {
      name: random.one(['shop-v2', 'shop-v3', '12']),
      ...(random.chance(0.3) && { labels: { tier: random.one<unknown>(['db', null, 'x']) } }),
      ...(random.chance(0.3) && { annotations: { version: random.one<unknown>(['v2', null, '3']), more: 'yes' } }),
    }
  if (random.chance(0.4))
    template['spec'] = {
      ...(random.chance(0.4) && { containers: [{ image: 'example.com/shop:5', env: [{ name: 'A', value: 'b' }] }] }),
      ...(random.chance(0.3) && { timeoutSeconds: 30 }),
      ...(random.chance(0.3) && { serviceAccountName: random.one<unknown>([null, 'other']) }),
      ...(random.chance(0.2) && { nodeSelector: { a: null, b: 'c', d: { e: null } } }),
    }
  if (random.chance(0.15)) {
    forest.note('null in a patch')
    template['spec'] = { ...(template['spec'] as object | undefined), volumes: null, containerConcurrency: null }
  }
  if (random.chance(0.15)) {
    forest.note('$patch')
    template['metadata'] = {
      $patch: random.one(['replace', 'merge', 'delete']),
      name: 'shop-v9',
      annotations: { x: 'y', gone: null },
    }
  }
  if (Object.keys(template).length > 0) spec['template'] = template
  return spec
}

const writtenPatches = [
  'spec:\n  template:\n    metadata:\n      labels: # all of them\n      annotations:\n        empty:\n        yes: on\n        tilde: ~\n',
  "spec:\n  traffic:\n  - revisionName: 'shop-v2'\n    percent: 010\n  - {latestRevision: true, percent: +5}\n",
  'spec: &s\n  template:\n    spec: {timeoutSeconds: 0x10, containerConcurrency: 1_0}\n',
  'spec:\n  template:\n    spec:\n      containers:\n      - image: "example.com/shop:7"\n        command: [a, \'b\', "c", 1.0, null]\n        env: []\n',
  'spec:\n  template: {spec: {volumes: [], imagePullSecrets: null}}\n',
] as const

function patchText(forest: Forest, metadata: Record<string, unknown> = {}): string {
  const { random } = forest
  if (random.chance(0.2)) {
    forest.note('patch as people write it')
    const head = `# why\napiVersion: ${versions}\nkind: Service\nmetadata: ${JSON.stringify(forest.id(metadata))}\n`
    return `${head}${random.one(writtenPatches)}`
  }
  const merge = forest.partial(mergeSpec(forest), metadata)
  const extra = random.chance(0.3)
    ? {
        labels: { app: random.one<unknown>(['shop2', null, 'x']), ...(random.chance(0.5) && { env: 'prod' }) },
        annotations: { note: random.one<unknown>(['patched', null]) },
      }
    : {}
  if (Object.keys(extra).length > 0) forest.note('labels in a patch')
  return json({ ...merge, metadata: { ...extra, ...(merge['metadata'] as object) } })
}

function target(forest: Forest): Record<string, unknown> {
  const { random } = forest
  const found: Record<string, unknown> = {}
  if (random.chance(0.5)) found['kind'] = random.one(['Service', 'Serv.*', 'Service|Deployment'])
  if (random.chance(0.5)) found['group'] = random.one(['serving.knative.dev', 'serving.*'])
  if (random.chance(0.3)) found['version'] = random.one(['v1', 'v[12]', 'v2'])
  if (random.chance(0.6)) found['name'] = random.one(['shop', 'sh.*', '.*shop.*', 'sho', 'shop|x'])
  if (random.chance(0.2)) found['namespace'] = random.one(['default', 'team', 'prod', 't.*|default|prod'])
  if (random.chance(0.25)) {
    forest.note('label selector')
    found['labelSelector'] = random.one([
      'team=a',
      'team',
      '!team',
      'team in (a,b)',
      'app!=shop',
      'team notin (b)',
      'app=shop,team=a',
      'env',
    ])
  }
  if (random.chance(0.1)) found['annotationSelector'] = random.one(['note', 'note=plain', '!x'])
  if (!('kind' in found) || !('group' in found)) Object.assign(found, { group: 'serving.knative.dev', kind: 'Service' })
  return found
}

function operation(forest: Forest): Record<string, unknown> {
  const { random } = forest
  const op = random.below(20)
  const rows: readonly Record<string, unknown>[] = [
    { op: 'replace', path: '/spec/traffic/0/percent', value: random.one<unknown>([50, '50', 7.5]) },
    { op: 'add', path: '/spec/traffic/-', value: { revisionName: 'shop-v0', percent: 0 } },
    { op: 'add', path: '/spec/traffic/0', value: { latestRevision: true, percent: 1 } },
    { op: 'remove', path: '/spec/traffic/1' },
    { op: 'replace', path: '/spec/traffic', value: [{ latestRevision: true, percent: 100 }] },
    { op: 'add', path: '/metadata/annotations/a~1b', value: 'slash' },
    { op: 'add', path: '/metadata/labels', value: { app: 'json', team: 'a' } },
    {
      op: 'add',
      path: '/spec/template/metadata/annotations/til~0de',
      value: random.one<unknown>(['x', 1, true, null]),
    },
    { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'example.com/shop:json' },
    { op: 'copy', from: '/spec/template/spec/containers/0/image', path: '/spec/template/metadata/annotations/image' },
    { op: 'move', from: '/spec/template/metadata/labels', path: '/spec/template/metadata/moved' },
    { op: 'test', path: '/spec/template/spec/containers/1/image', value: 'helper:1' },
    { op: 'add', path: '/spec/template/spec/containers/0/env/0', value: { name: 'FIRST', value: '1' } },
    { op: 'remove', path: '/spec/template/spec/volumes' },
    { op: 'add', path: '/spec/template/metadata/name', value: 'shop-v5' },
    { op: random.one(['replace', 'remove']), path: '/spec/template/spec/nothing', value: 1 },
    { op: 'copy', from: '/metadata/annotations', path: '/spec/template/metadata/annotations' },
    { op: 'replace', path: '/metadata/annotations', value: { only: 'this' } },
    { op: 'add', path: '/spec/template/metadata/labels/app', value: 'op' },
    { op: 'move', from: '/spec/template/spec/serviceAccountName', path: '/spec/template/metadata/annotations/robot' },
  ]
  const row = rows[op] ?? {}
  // What kustomize refuses is rare, or nothing else would be seen.
  if (op === 15 && !random.chance(0.1)) return rows[0] ?? {}
  if ((op === 10 || op === 3) && !random.chance(0.4)) return rows[1] ?? {}
  if (op === 13 && !random.chance(0.4)) return rows[2] ?? {}
  forest.note(`operation ${String(row['op'])}`)
  return row
}

function operations(forest: Forest): string {
  const list = Array.from({ length: 1 + forest.random.below(4) }, () => operation(forest))
  if (forest.random.chance(0.5)) return JSON.stringify(list)
  return list
    .map(
      (row) =>
        `- ${Object.entries(row)
          .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
          .join('\n  ')}\n`,
    )
    .join('')
}

function replacement(forest: Forest): Record<string, unknown> {
  const { random } = forest
  const service = { group: 'serving.knative.dev', kind: 'Service', name: 'shop' }
  const kinds = random.below(12)
  const values = { kind: 'ConfigMap', name: 'values' }
  const rows: readonly (readonly [Record<string, unknown>, Record<string, unknown>])[] = [
    [{ ...values, fieldPath: 'data.image' }, { fieldPaths: ['spec.template.spec.containers.[name=app].image'] }],
    [{ ...values, fieldPath: 'data.percent' }, { fieldPaths: ['spec.traffic.0.percent'] }],
    [
      { ...values, fieldPath: 'data.name' },
      { fieldPaths: ['spec.template.metadata.name'], options: { create: true } },
    ],
    [
      { kind: 'ConfigMap', name: 'cfg' },
      { fieldPaths: ['spec.template.metadata.annotations.config'], options: { create: true } },
    ],
    [
      { ...values, fieldPath: 'data.list', options: { delimiter: ',', index: random.one([0, 1, 2]) } },
      {
        fieldPaths: ['spec.template.spec.containers.0.image'],
        options: { delimiter: random.one([':', '/']), index: random.one([0, 1, 5, -1]) },
      },
    ],
    [
      { kind: 'Deployment', name: 'shop', fieldPath: 'spec.template.spec.containers.[name=app].image' },
      { fieldPaths: ['spec.template.spec.containers.*.image'] },
    ],
    [
      { ...service, fieldPath: 'metadata.name' },
      { fieldPaths: ['metadata.labels.[kn.dev/of]', 'spec.template.metadata.labels.of'], options: { create: true } },
    ],
    [{ ...service, fieldPath: 'metadata.annotations' }, { fieldPaths: ['spec.template.metadata.annotations'] }],
    [
      { ...values, fieldPath: 'data.name' },
      {
        fieldPaths: ['spec.traffic.[revisionName=shop-.*].revisionName', 'spec.traffic.*.tag'],
        options: { create: true },
      },
    ],
    [
      { ...values, fieldPath: 'data.image', options: { delimiter: ':', index: 1 } },
      { fieldPaths: ['spec.template.spec.containers.[name=app].env.[name=NEW].value'], options: { create: true } },
    ],
    [
      { ...service, fieldPath: 'spec.traffic.[tag=next].percent' },
      {
        fieldPaths: ['spec.template.spec.containerConcurrency', 'spec.template.metadata.annotations.share'],
        options: { create: true },
      },
    ],
    [
      { ...service, fieldPath: 'spec.template.metadata.annotations' },
      { fieldPaths: ['spec.template.metadata.labels'], options: { create: true } },
    ],
  ]
  const [source, rest] = rows[kinds] ?? [{}, {}]
  if ('options' in source) forest.note('replacement with a delimiter')
  if ((rest['options'] as { create?: boolean } | undefined)?.create === true) forest.note('replacement that creates')
  const reject = random.chance(0.2)
  if (reject) forest.note('replacement that rejects')
  const select = random.chance(0.8) ? service : { kind: 'Service', group: 'serving.knative.dev' }
  return {
    source,
    targets: [{ select, ...rest, ...(reject && { reject: [{ name: random.one(['other', 'shop', 'shop2']) }] }) }],
  }
}

function image(forest: Forest): Record<string, unknown> {
  const { random } = forest
  const members = random.some(
    [
      ['newTag', random.one(['2.0', 'v3', '7'])],
      ['newName', random.one(['example.com/new', 'example.com/shop', 'shop'])],
      ['digest', 'sha256:123abc'],
      ['tagSuffix', '-rc'],
    ] as const,
    0.4,
  )
  for (const [key] of members) forest.note(`images ${key}`)
  return {
    name: random.one([
      'example.com/shop',
      'shop',
      'helper',
      'example.com/.*',
      'example.com:80/shop',
      'example.com/sho',
      'exam.le.com/sh.p',
    ]),
    ...Object.fromEntries(members),
  }
}

function generator(layer: Layer, forest: Forest, kind: 'configMapGenerator' | 'secretGenerator'): void {
  const { random } = forest
  const name = kind === 'secretGenerator' ? 'sec' : 'cfg'
  const behavior = layer.isFirst ? random.one(['', '', 'create']) : random.one(['merge', 'replace', 'merge'])
  if (behavior === 'merge' || behavior === 'replace') forest.note(`generator behavior ${behavior}`)
  const item: Record<string, unknown> = {
    name,
    ...(behavior !== '' && { behavior }),
    ...(forest.namespace !== undefined && { namespace: forest.namespace }),
  }
  const own = random.below(1000)
  if (random.chance(0.6)) {
    forest.note('generator literals')
    item['literals'] = [
      `mode=m${own}`,
      random.one(['q="quoted"', "s='x'", 'long=' + 'abc '.repeat(40), 'u=<&>é', 'e=']),
    ]
  }
  if (random.chance(0.3)) {
    forest.note('generator files')
    const file = forest.file(
      layer,
      'data-#.txt',
      random.one([`line ${own}\n`, 'two\nlines\n', ' lead\r\nmore\n', '', 'tab\tquote"\\\n']),
    )
    item['files'] = [random.chance(0.5) ? `config.yaml=${file}` : file]
  }
  if (random.chance(0.3)) {
    forest.note('generator envs')
    item['envs'] = [forest.file(layer, 'vars-#.env', `# comment\nA=${own}\n  B=b=c\n\nEMPTY=\nBARE\n`)]
  }
  if (random.chance(0.2))
    item['options'] = {
      ...(random.chance(0.5) && { disableNameSuffixHash: true }),
      ...(random.chance(0.5) && { labels: { made: 'here' } }),
      ...(random.chance(0.3) && { annotations: { by: 'us' } }),
      ...(random.chance(0.2) && { immutable: true }),
    }
  if (random.chance(0.1) && kind === 'secretGenerator') item['type'] = 'kubernetes.io/basic-auth'
  if ('options' in item) forest.note('generator options')
  forest.push(layer, kind, item)
}

const features: readonly Feature[] = [
  {
    name: 'namePrefix',
    share: 0.2,
    add: ({ fields }, { random }) => (fields['namePrefix'] = random.one(['dev-', 'x-', 'a1-'])),
  },
  {
    name: 'nameSuffix',
    share: 0.15,
    add: ({ fields }, { random }) => (fields['nameSuffix'] = random.one(['-dev', '-2', '-z'])),
  },
  {
    name: 'namespace',
    share: 0.2,
    add: ({ fields }, { random }) => (fields['namespace'] = random.one(['prod', 'team', 'default'])),
  },
  {
    name: 'commonLabels',
    share: 0.12,
    add: ({ fields }, { random }) => (fields['commonLabels'] = { app: random.one(['c', 'd']), team: 'a', one: '1' }),
  },
  {
    name: 'commonAnnotations',
    share: 0.15,
    add: ({ fields }, { random }) => (fields['commonAnnotations'] = { note: random.one(['z', '3']), owner: 'me' }),
  },
  {
    name: 'labels',
    share: 0.25,
    add: (layer, forest) => {
      const { random } = forest
      const item: Record<string, unknown> = {
        pairs: { env: random.one(['dev', 'prod']), ...(random.chance(0.3) && { app: 'l' }) },
      }
      const way = random.below(4)
      if (way === 1) item['includeSelectors'] = true
      if (way === 2) item['includeTemplates'] = true
      if (way === 3)
        item['fields'] = [
          {
            path: 'spec/template/metadata/labels',
            create: random.chance(0.7),
            group: 'serving.knative.dev',
            kind: 'Service',
          },
        ]
      forest.note(`labels ${['pairs', 'includeSelectors', 'includeTemplates', 'fields'][way] ?? ''}`)
      forest.push(layer, 'labels', item)
    },
  },
  {
    name: 'images',
    share: 0.35,
    add: (layer, forest) =>
      forest.push(layer, 'images', image(forest), ...(forest.random.chance(0.2) ? [image(forest)] : [])),
  },
  { name: 'replicas', share: 0.06, add: (layer, forest) => forest.push(layer, 'replicas', { name: 'shop', count: 3 }) },
  {
    name: 'patch in a file',
    share: 0.2,
    add: (layer, forest) => {
      const isDouble = forest.random.chance(0.3)
      if (isDouble) forest.note('several patches in a file')
      const text = isDouble ? `${patchText(forest)}---\n${patchText(forest)}` : patchText(forest)
      forest.push(layer, 'patches', { path: forest.file(layer, 'patch-#.yaml', text) })
    },
  },
  {
    name: 'patch inline',
    share: 0.2,
    add: (layer, forest) =>
      forest.push(layer, 'patches', {
        patch: patchText(forest),
        ...(forest.random.chance(0.5) && { target: target(forest) }),
      }),
  },
  {
    name: 'patch with a target',
    share: 0.15,
    add: (layer, forest) =>
      forest.push(layer, 'patches', {
        path: forest.file(layer, 'aimed-#.yaml', patchText(forest, { name: 'any' })),
        target: target(forest),
        ...(forest.random.chance(0.15) && { options: { allowNameChange: true } }),
      }),
  },
  {
    name: 'patch that deletes',
    share: 0.05,
    add: (layer, forest) => {
      const { random } = forest
      const [kind, apiVersion] = random.one([
        ['ServiceAccount', 'v1'],
        ['Deployment', 'apps/v1'],
      ] as const)
      const name = kind === 'Deployment' ? 'shop' : 'robot'
      forest.push(layer, 'patches', {
        patch: json({ apiVersion, kind, metadata: forest.id({ name }), $patch: 'delete' }),
      })
    },
  },
  {
    name: 'patch of another object',
    share: 0.15,
    add: (layer, forest) => {
      const { random } = forest
      const of = { apiVersion: 'v1', kind: 'ConfigMap', metadata: forest.id({ name: 'values' }) }
      const patch = random.chance(0.5)
        ? {
            patch: json({
              ...of,
              data: random.one<unknown>([
                { percent: '30' },
                { image: 'example.com/z:4', list: null },
                { name: 'shop-v8', list: 'd,e,f' },
              ]),
            }),
          }
        : {
            patch: '- {op: replace, path: /data/percent, value: "20"}\n',
            target: { kind: 'ConfigMap', name: 'values' },
          }
      forest.push(layer, 'patches', patch)
    },
  },
  {
    name: 'patchesStrategicMerge',
    share: 0.15,
    add: (layer, forest) =>
      forest.push(
        layer,
        'patchesStrategicMerge',
        forest.random.chance(0.5) ? forest.file(layer, 'old-#.yaml', patchText(forest)) : patchText(forest),
      ),
  },
  {
    name: 'JSON patch in a file',
    share: 0.15,
    add: (layer, forest) =>
      forest.push(layer, 'patches', {
        path: forest.file(layer, forest.random.one(['ops-#.yaml', 'ops-#.json']), operations(forest)),
        target: target(forest),
      }),
  },
  {
    name: 'JSON patch inline',
    share: 0.15,
    add: (layer, forest) => forest.push(layer, 'patches', { patch: operations(forest), target: target(forest) }),
  },
  {
    name: 'patchesJson6902',
    share: 0.15,
    add: (layer, forest) => {
      const aim = {
        group: 'serving.knative.dev',
        version: 'v1',
        kind: 'Service',
        name: 'shop',
        ...(forest.namespace !== undefined && { namespace: forest.namespace }),
      }
      const patch = forest.random.chance(0.5)
        ? { patch: operations(forest) }
        : { path: forest.file(layer, 'json-#.yaml', operations(forest)) }
      forest.push(layer, 'patchesJson6902', { target: aim, ...patch })
    },
  },
  {
    name: 'replacements inline',
    share: 0.25,
    add: (layer, forest) => forest.push(layer, 'replacements', replacement(forest)),
  },
  {
    name: 'replacements in a file',
    share: 0.15,
    add: (layer, forest) => {
      const one = replacement(forest)
      forest.push(layer, 'replacements', {
        path: forest.file(layer, 'replace-#.yaml', json(forest.random.chance(0.5) ? [one, replacement(forest)] : one)),
      })
    },
  },
  {
    name: 'configurations',
    share: 0.3,
    add: (layer, forest) => {
      const { random } = forest
      const spec = { kind: 'Service', group: 'serving.knative.dev' }
      const refs = [
        {
          kind: 'ConfigMap',
          version: 'v1',
          fieldSpecs: [
            'containers/env/valueFrom/configMapKeyRef/name',
            'containers/envFrom/configMapRef/name',
            'volumes/projected/sources/configMap/name',
          ].map((path) => ({ path: `spec/template/spec/${path}`, ...(random.chance(0.8) && spec) })),
        },
        {
          kind: 'Secret',
          version: 'v1',
          fieldSpecs: [
            { path: 'spec/template/spec/imagePullSecrets/name', ...spec },
            { path: 'spec/template/spec/containers/envFrom/secretRef/name', kind: 'Service' },
          ],
        },
        {
          kind: 'ServiceAccount',
          fieldSpecs: [{ path: 'spec/template/spec/serviceAccountName', ...(random.chance(0.8) && spec) }],
        },
      ]
      const names = random.some(
        [
          'nameReference',
          'commonAnnotations',
          'namePrefix',
          'images',
          'labels',
          'commonLabels',
          'namespace',
          'templateLabels',
        ],
        0.35,
      )
      const rows: Record<string, unknown> = {
        nameReference: random.some(refs, 0.7),
        commonAnnotations: [{ path: 'spec/template/metadata/annotations', create: random.chance(0.8), ...spec }],
        namePrefix: [{ path: 'spec/template/metadata/name', ...spec }],
        images: [{ path: 'spec/template/metadata/annotations/version', kind: 'Service' }],
        labels: [{ path: 'spec/template/metadata/labels', create: true, ...spec }],
        commonLabels: [{ path: 'spec/template/metadata/labels', create: true, ...spec }],
        templateLabels: [{ path: 'spec/template/metadata/labels', create: true, ...spec }],
        namespace: [{ path: 'spec/template/metadata/annotations/in', create: true, ...spec }],
      }
      const chosen = Object.fromEntries(names.map((name) => [name, rows[name]]))
      for (const name of names) forest.note(`configurations ${name}`)
      forest.push(
        layer,
        'configurations',
        forest.file(layer, 'config-#.yaml', json(Object.keys(chosen).length === 0 ? { nameReference: refs } : chosen)),
      )
    },
  },
  {
    name: 'generatorOptions',
    share: 0.1,
    add: ({ fields }, { random }) =>
      (fields['generatorOptions'] = {
        ...(random.chance(0.4) && { disableNameSuffixHash: true }),
        labels: { generated: 'yes' },
        ...(random.chance(0.3) && { annotations: { g: '1' } }),
      }),
  },
  { name: 'configMapGenerator', share: 0.25, add: (layer, forest) => generator(layer, forest, 'configMapGenerator') },
  { name: 'secretGenerator', share: 0.25, add: (layer, forest) => generator(layer, forest, 'secretGenerator') },
]

function addFeatures(layer: Layer, forest: Forest, scale: number): void {
  for (const { name, share, add } of features) {
    if (!forest.random.chance(share * scale)) continue
    forest.note(name)
    add(layer, forest)
  }
}

/** Both generators stand at the bottom, so that every Service uses what is made. */
function base(forest: Forest): Layer {
  const { random } = forest
  const layer: Layer = { folder: 'base', fields: {}, isFirst: true }
  const others = otherObjects(forest).filter((_, index) => index < 3 || random.chance(0.3))
  const [service, more] = [serviceText(forest), others.map(json)]
  const way = random.below(3)
  if (way === 0) {
    forest.note('several documents')
    forest.push(layer, 'resources', forest.file(layer, 'all.yaml', [service, ...more].join('---\n')))
  } else if (way === 1) {
    forest.note('List')
    forest.push(
      layer,
      'resources',
      forest.file(layer, 'service.yaml', service),
      forest.file(layer, 'list.yaml', json({ apiVersion: 'v1', kind: 'List', items: others })),
    )
  } else
    forest.push(
      layer,
      'resources',
      forest.file(layer, 'service.yaml', service),
      ...more.map((text) => forest.file(layer, 'object-#.yaml', text)),
    )
  generator(layer, forest, 'configMapGenerator')
  generator(layer, forest, 'secretGenerator')
  forest.note('configMapGenerator', 'secretGenerator')
  if (random.chance(0.5))
    for (const { name, share, add } of features)
      if (!name.endsWith('Generator') && random.chance(share * 0.4)) {
        forest.note(name)
        add(layer, forest)
      }
  return layer
}

function finish(layer: Layer, forest: Forest, name = 'kustomization.yaml'): void {
  const { random } = forest
  const keys = Object.entries(layer.fields)
  const text = random.chance(0.3)
    ? json(layer.fields)
    : keys.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('')
  forest.tree[`${layer.folder}/${name}`] = inlineAsBlocks(text, layer.fields, forest)
}

/** Writes inline patches as people do: in literal blocks. */
function inlineAsBlocks(text: string, fields: Record<string, unknown>, forest: Forest): string {
  const list = fields['patches']
  if (!Array.isArray(list) || !forest.random.chance(0.5)) return text
  const { patches: _, ...rest } = fields
  const items = list.map((item: Record<string, unknown>) => {
    const { patch, ...more } = item
    const lines = Object.entries(more).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    if (typeof patch === 'string') lines.push(`patch: |-\n${patch.trimEnd().replaceAll(/^(?=.)/gm, '      ')}`)
    return `  - ${lines.join('\n    ')}\n`
  })
  forest.note('patch in a literal block')
  return `${Object.entries(rest)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('')}patches:\n${items.join('')}`
}

function component(forest: Forest, name: string, isNested: boolean): string {
  const layer: Layer = {
    folder: `components/${name}`,
    fields: { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component' },
    isFirst: false,
  }
  addFeatures(layer, forest, 0.5)
  // One that says nothing is refused.
  if (Object.keys(layer.fields).length === 2) forest.push(layer, 'images', image(forest))
  forest.note('component')
  if (isNested) {
    forest.note('nested component')
    forest.push(layer, 'components', component(forest, `${name}-inner`, false).replace('../components/', '../'))
  }
  finish(layer, forest)
  return `../components/${name}`
}

/** The tree of a seed. */
export function randomTree(seed: number): RandomTree {
  const forest = new Forest(new Random(seed))
  const { random } = forest
  finish(base(forest), forest)
  let below = '../base'
  const depth = random.one([0, 1, 1, 1, 2, 2, 3])
  let root = 'base'
  for (let level = 1; level <= depth; level++) {
    const layer: Layer = { folder: `layer${level}`, fields: {}, isFirst: false }
    const isOld = random.chance(0.1)
    if (isOld) forest.note('bases')
    forest.push(layer, isOld ? 'bases' : 'resources', below)
    forest.note('folder')
    if (random.chance(0.3)) forest.push(layer, 'components', component(forest, `c${level}`, random.chance(0.3)))
    if (random.chance(0.1)) {
      forest.note('second base')
      const twin: Layer = {
        folder: `twin${level}`,
        fields: { resources: ['extra.yaml'], nameSuffix: `-t${level}` },
        isFirst: false,
      }
      forest.file(twin, 'extra.yaml', serviceText(forest).replace('name: shop', 'name: extra'))
      finish(twin, forest)
      forest.push(layer, 'resources', `../twin${level}`)
    }
    addFeatures(layer, forest, depth === 1 ? 1 : 0.7)
    finish(
      layer,
      forest,
      random.one(['kustomization.yaml', 'kustomization.yaml', 'kustomization.yml', 'Kustomization']),
    )
    below = `../layer${level}`
    root = `layer${level}`
  }
  return { tree: forest.tree, root, features: forest.features }
}
