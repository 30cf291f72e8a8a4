// A small editor: starts the built program as a language server, and speaks to it over stdin and stdout as editors do.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  Diagnostic,
  Hover,
  InitializeResult,
  Position,
  PublishDiagnosticsParams,
  Range,
  TextEdit,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'

import { main } from './program.js'
import type { Sandbox } from './sandbox.js'

type Message = {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** What a request came to. */
type Answer<Result> = { readonly result: Result; readonly error?: Message['error'] }

/** Milliseconds that nothing here takes. */
const patience = 20_000

/** Those whose servers may still run. */
const started = new Set<Editor>()

/** Ends the servers that a test has left, which would keep the tests from ending. */
export function endServers(): void {
  for (const editor of started) editor.kill()
}

export class Editor {
  readonly documents = new Map<string, TextDocument>()
  /** What was published last, by URI. */
  readonly published = new Map<string, PublishDiagnosticsParams>()
  /** What the server asked, or said without being asked. */
  readonly heard: Message[] = []
  readonly ended: Promise<number | null>
  private readonly server: ChildProcessWithoutNullStreams
  private readonly waiting = new Map<number, (message: Message) => void>()
  private readonly listeners = new Set<() => void>()
  private rest: Buffer = Buffer.alloc(0)
  private count = 0

  constructor(
    private box: Sandbox,
    words: readonly string[] = ['lsp'],
  ) {
    const environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: box.root,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'],
    }
    this.server = spawn(process.execPath, [main, ...words], { cwd: box.root, env: environment })
    started.add(this)
    this.server.stdout.on('data', (chunk: Buffer) => this.take(chunk))
    this.ended = new Promise((resolve) => void this.server.on('close', resolve))
  }

  /** @param more Capabilities in place of those of a plain editor. */
  async start(more: object = {}): Promise<InitializeResult> {
    const { result } = await this.request<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(this.box.root).href,
      workspaceFolders: [{ uri: pathToFileURL(this.box.root).href, name: 'root' }],
      capabilities: { workspace: { workspaceEdit: { documentChanges: true } }, ...more },
    })
    this.notify('initialized', {})
    return result
  }

  /** Closes all documents, and takes names for those of another folder from now on. */
  visit(box: Sandbox): void {
    for (const uri of this.documents.keys()) this.close(uri)
    this.box = box
  }

  close(uri: string): void {
    this.documents.delete(uri)
    this.notify('textDocument/didClose', { textDocument: { uri } })
  }

  uri(name: string): string {
    return pathToFileURL(this.box.path(name)).href
  }

  open(name: string, text: string, uri = this.uri(name)): string {
    this.documents.set(uri, TextDocument.create(uri, 'yaml', 1, text))
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } })
    return uri
  }

  /** Types in a document, as one edit. */
  type(uri: string, range: Range, text: string): void {
    const document = this.document(uri)
    const version = document.version + 1
    const contentChanges = [{ range, text }]
    TextDocument.update(document, contentChanges, version)
    this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges })
  }

  document(uri: string): TextDocument {
    const document = this.documents.get(uri)
    if (!document) throw new Error(`${uri} is not open`)
    return document
  }

  /** Where a text begins in a document, so many characters further. */
  at(uri: string, text: string, more = 0): Position {
    const index = this.document(uri).getText().indexOf(text)
    if (index < 0) throw new Error(`no ${text} in ${uri}`)
    return this.document(uri).positionAt(index + more)
  }

  /** What is published of a document in its present version. */
  async diagnostics(uri: string): Promise<readonly Diagnostic[]> {
    const found = (): PublishDiagnosticsParams | undefined => {
      const last = this.published.get(uri)
      return last?.version === this.documents.get(uri)?.version ? last : undefined
    }
    await this.until(() => found() !== undefined, `diagnostics of ${uri}`)
    return found()?.diagnostics ?? []
  }

  async actions(uri: string, range: Range, only?: readonly string[]): Promise<readonly CodeAction[]> {
    const context = { diagnostics: [], ...(only && { only }) }
    const { result } = await this.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range,
      context,
    })
    return result
  }

  async hover(uri: string, position: Position): Promise<string> {
    const { result } = await this.request<Hover | null>('textDocument/hover', { textDocument: { uri }, position })
    return result ? (result.contents as { readonly value: string }).value : ''
  }

  async completions(uri: string, position: Position): Promise<readonly CompletionItem[]> {
    const params = { textDocument: { uri }, position }
    return (await this.request<CompletionItem[]>('textDocument/completion', params)).result
  }

  async lenses(uri: string): Promise<readonly string[]> {
    const { result } = await this.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } })
    return result.map(({ range, command }) => `${range.start.line + 1}: ${command?.title ?? ''}`)
  }

  /** The text of a document once an action is taken; documents that are not open have theirs given. */
  applied({ edit }: CodeAction, uri: string, text = this.document(uri).getText()): string {
    const own = (edit?.documentChanges ?? []).flatMap((one) =>
      'edits' in one && one.textDocument.uri === uri ? (one.edits as TextEdit[]) : [],
    )
    return TextDocument.applyEdits(TextDocument.create(uri, 'yaml', 0, text), own)
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params })
  }

  request<Result>(method: string, params: unknown): Promise<Answer<Result>> {
    return this.begin<Result>(method, params).answer
  }

  /** Sends a request without waiting: its number, and the answer to come. */
  begin<Result>(method: string, params: unknown): { readonly id: number; readonly answer: Promise<Answer<Result>> } {
    const id = ++this.count
    const answer = new Promise<Answer<Result>>((resolve, reject) => {
      const clock = setTimeout(() => reject(new Error(`no answer to ${method}`)), patience)
      this.waiting.set(id, (message) => {
        clearTimeout(clock)
        resolve(message as Answer<Result>)
      })
    })
    this.send({ id, method, params })
    return { id, answer }
  }

  /** Sends bytes as they are. */
  raw(text: string): void {
    this.server.stdin.write(text)
  }

  kill(): void {
    this.server.kill('SIGKILL')
  }

  hangUp(): void {
    this.server.stdin.end()
  }

  /** Ends the server in good order. */
  async stop(): Promise<number | null> {
    await this.request('shutdown', null)
    this.notify('exit', null)
    return this.ended
  }

  async until(isDone: () => boolean, what: string): Promise<void> {
    if (isDone()) return
    await new Promise<void>((resolve, reject) => {
      const clock = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patience)
      const listener = (): void => {
        if (!isDone()) return
        clearTimeout(clock)
        this.listeners.delete(listener)
        resolve()
      }
      this.listeners.add(listener)
    })
  }

  private send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.raw(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }

  private take(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk])
    for (;;) {
      const end = this.rest.indexOf('\r\n\r\n')
      const [, length] = /Content-Length: (\d+)/i.exec(this.rest.toString('latin1', 0, Math.max(0, end))) ?? []
      if (length === undefined || this.rest.length < end + 4 + Number(length)) return
      const message = JSON.parse(this.rest.toString('utf8', end + 4, end + 4 + Number(length))) as Message
      this.rest = this.rest.subarray(end + 4 + Number(length))
      this.hear(message)
    }
  }

  private hear(message: Message): void {
    const { id, method, params } = message
    if (method === undefined) {
      if (id !== undefined) this.waiting.get(id)?.(message)
      return
    }
    this.heard.push(message)
    if (method === 'textDocument/publishDiagnostics') {
      const own = params as PublishDiagnosticsParams
      this.published.set(own.uri, own)
    } else if (id !== undefined) this.send({ id, error: { code: -32_603, message: 'not now' } })
    for (const listener of this.listeners) listener()
  }
}
