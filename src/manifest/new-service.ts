import type { JsonObject } from '../yaml/json.js'

/** What a new Service is to be; what is absent is left to the cluster. */
export type NewService = {
  readonly name: string
  readonly namespace?: string
  /** On the Service itself, not on its revisions. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** The name of the first revision; without one the cluster generates names. */
  readonly revision?: string
  /** On the revisions: what the autoscaler goes by. */
  readonly scaling: Readonly<Record<string, string>>
  readonly container?: string
  readonly image: string
  readonly port?: { readonly name?: string; readonly number: number }
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly envFrom: readonly { readonly kind: 'configMapRef' | 'secretRef'; readonly name: string }[]
  readonly requests: Readonly<Record<string, string>>
  readonly limits: Readonly<Record<string, string>>
  readonly containerConcurrency?: number
  /** In seconds. */
  readonly timeoutSeconds?: number
  readonly serviceAccountName?: string
}

/**
 * The Service as the cluster is to receive it, members in the order in which Knative's documentation writes them. One
 * with its own revision name is pinned to it, and says what the cluster would fill in: without the name of the container
 * and the probe, no later commit could keep the revision name.
 *
 * Source: pkg/apis/serving/v1/revision_defaults.go, configuration_defaults.go (knative/serving#13565).
 */
export function serviceValue(wanted: NewService): JsonObject {
  const { name, namespace, revision, labels, annotations, scaling } = wanted
  const template = present({
    metadata: filled({ name: revision, annotations: filled(scaling) }),
    spec: present({
      containers: [container(wanted)],
      containerConcurrency: wanted.containerConcurrency,
      timeoutSeconds: wanted.timeoutSeconds,
      serviceAccountName: wanted.serviceAccountName,
    }),
  })
  const traffic = revision === undefined ? undefined : [{ revisionName: revision, percent: 100 }]
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: present({ name, namespace, labels: filled(labels), annotations: filled(annotations) }),
    spec: present({ template, traffic }),
  }
}

function container({ revision, container: name, image, port, env, envFrom, requests, limits }: NewService): JsonObject {
  const isSpelled = revision !== undefined
  return present({
    name: name ?? (isSpelled ? 'user-container' : undefined),
    image,
    ports: port && [present({ name: port.name, containerPort: port.number })],
    env: env.length > 0 ? env.map((variable) => ({ ...variable })) : undefined,
    envFrom: envFrom.length > 0 ? envFrom.map((source) => ({ [source.kind]: { name: source.name } })) : undefined,
    resources: filled({ requests: filled(requests), limits: filled(limits) }),
    readinessProbe: isSpelled ? { tcpSocket: {}, successThreshold: 1 } : undefined,
  })
}

type Members = Readonly<Record<string, JsonObject[string] | undefined>>

function present(members: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}

/** The members that are there, or nothing at all. */
function filled(members: Members): JsonObject | undefined {
  const object = present(members)
  return Object.keys(object).length > 0 ? object : undefined
}
