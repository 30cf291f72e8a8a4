// A stand-in for the API of GitHub or GitLab on loopback: it keeps comments as they do, and every request that it gets.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Request = {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export type Kept = {
  readonly id: number
  body: string
  /** Who has written it. */
  readonly author: number
  readonly isBot?: boolean
}

export type Rights = 'write' | 'read' | 'none'

/** GitHub takes no longer comment. */
const longest = 65_536

export class Forge {
  readonly requests: Request[] = []
  readonly comments: Kept[] = []
  rights: Rights = 'write'
  /** Stands for another run that creates its comment at the same time: its text, just before or after the one that is created. */
  rival: { readonly text: string; readonly when: 'before' | 'after' } | undefined
  /** Answers every request with this status where it is set. */
  fault: number | undefined
  private readonly server: Server

  private constructor(
    readonly kind: 'github' | 'gitlab',
    /** Who the token is: on GitHub a bot has no name to ask for. */
    private readonly self: { readonly id: number; readonly isBot: boolean },
  ) {
    this.server = createServer((request, response) => {
      void this.answer(request).then(([status, body, headers]) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        response.end(status === 204 ? undefined : JSON.stringify(body))
      })
    })
  }

  static async open(kind: 'github' | 'gitlab', self = { id: 1, isBot: true }): Promise<Forge> {
    const forge = new Forge(kind, self)
    await new Promise<void>((resolve) => {
      forge.server.listen(0, '127.0.0.1', resolve)
    })
    forge.server.unref()
    return forge
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** The requests as `METHOD /path?query`, in their order. */
  get asked(): readonly string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`)
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  private async answer(request: IncomingMessage): Promise<readonly [number, unknown, Record<string, string>?]> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts).toString()
    const { method = '', url = '', headers } = request
    this.requests.push({ method, path: url, headers, body })
    const token = headers['authorization'] ?? headers['private-token']
    if (this.fault === 302) return [302, {}, { location: `${this.url}/elsewhere` }]
    // A service may repeat what it was sent.
    if (this.fault !== undefined) return [this.fault, { message: `fault for ${String(token)}` }]
    const isReading = method === 'GET'
    if (this.rights === 'none' || (!isReading && this.rights === 'read'))
      return [403, { message: `Resource not accessible by integration: ${String(token)}` }]
    const { pathname, searchParams } = new URL(url, this.url)
    if (pathname === '/user') return this.user()
    if (isReading) return [200, this.page(searchParams)]
    if (method === 'DELETE') return this.remove(pathname)
    return this.write(method, pathname, (JSON.parse(body) as { readonly body: string }).body)
  }

  private user(): readonly [number, unknown] {
    const isNameless = this.kind === 'github' && this.self.isBot
    return isNameless ? [403, { message: 'Resource not accessible by integration' }] : [200, { id: this.self.id }]
  }

  private page(query: URLSearchParams): readonly unknown[] {
    const [size, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)]
    return this.comments
      .slice((page - 1) * size, page * size)
      .map(({ id, body, author, isBot = false }) =>
        this.kind === 'github'
          ? { id, body, user: { id: author, login: `user-${author}`, type: isBot ? 'Bot' : 'User' } }
          : { id, body, author: { id: author }, system: false },
      )
  }

  private keep(body: string): number {
    const id = 1000 + this.comments.length
    this.comments.push({ id, body, author: this.self.id, isBot: this.self.isBot })
    return id
  }

  private remove(pathname: string): readonly [number, unknown] {
    const at = this.comments.findIndex(({ id }) => pathname.endsWith(`/${id}`))
    if (at < 0) return [404, { message: 'Not Found' }]
    this.comments.splice(at, 1)
    return [204, undefined]
  }

  private write(method: string, pathname: string, body: string): readonly [number, unknown] {
    if (body.length > longest) return [422, { message: 'body is too long' }]
    if (method === 'POST') {
      const { text = '', when } = this.rival ?? {}
      if (when === 'before') this.keep(text)
      const id = this.keep(body)
      if (when === 'after') this.keep(text)
      return [201, { id, html_url: `${this.url}/comment/${id}` }]
    }
    const found = this.comments.find(({ id }) => pathname.endsWith(`/${id}`))
    if (!found) return [404, { message: 'Not Found' }]
    found.body = body
    return [200, { id: found.id, html_url: `${this.url}/comment/${found.id}` }]
  }
}
