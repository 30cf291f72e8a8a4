// Requests to the API of GitHub or GitLab. A token is sent to the host that the runner names and is shown nowhere.

/** The service refused, or did not answer. Its words and the request's headers are not kept: they could hold a secret. */
export class ApiFailure extends Error {
  constructor(
    readonly what: string,
    /** The HTTP status; 0 where there was no answer. */
    readonly status: number,
  ) {
    super(`${what}: ${status === 0 ? 'no answer' : `status ${status}`}`)
  }
}

export type Api = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

const patience = 10_000

/** The JSON that answers a request; undefined where the answer has no content. @throws ApiFailure */
export async function ask(
  api: Api,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> {
  const what = `${method} ${path.split('?')[0] ?? ''}`
  let response
  try {
    response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        ...api.headers,
        'user-agent': 'kn-rollout',
        ...(body && { 'content-type': 'application/json' }),
      },
      // The token is for this host, and for no other that an answer names.
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
      ...(body && { body: JSON.stringify(body) }),
    })
    if (response.status === 204) return undefined
    if (response.ok) return await response.json()
  } catch {
    throw new ApiFailure(what, 0)
  }
  throw new ApiFailure(what, response.status)
}

/** The items of a list in an answer. */
export function listIn(answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(answer) ? answer.map(partsOf) : []
}

/** The parts of an object in an answer or an event; none where it is something else. */
export function partsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
