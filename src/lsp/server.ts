import {
  type CancellationToken,
  type ClientCapabilities,
  CodeLensRefreshRequest,
  type Connection,
  createConnection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver'
// The server's own `node` entry ends the process as it sees fit.
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver-protocol/node'
import { TextDocument } from 'vscode-languageserver-textdocument'

import { actionKinds, codeActions } from './code-actions.js'
import { codeLenses } from './code-lens.js'
import { completionsAt } from './completion.js'
import { hoverAt } from './hover.js'
import { OpenDocuments } from './open-documents.js'
import { type Repository, turn, type View } from './view.js'

/** What the server speaks over, and by what it is known. */
type Wiring = {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  readonly repository: Repository
  readonly version: string
}

/** What on the disk has a say, besides the documents: manifests, what ignores them, and which commit is checked out. */
const watched = ['**/*.{yaml,yml,json}', '**/kustomization', '**/.gitignore', '**/.git/{HEAD,logs/HEAD}']

/**
 * Serves an editor until it says `exit`, or its stream ends. Gives back the exit code: 0 after `shutdown`, else 1, as the
 * protocol has it.
 */
export function serve({ input, output, repository, version }: Wiring): Promise<0 | 1> {
  return new Promise((resolve) => {
    const watchDog = { shutdownReceived: false, initialize: () => undefined, exit: (code: number) => end(code) }
    const connection = createConnection(
      (logger) => createProtocolConnection(new StreamMessageReader(input), new StreamMessageWriter(output), logger),
      watchDog,
    )
    const documents = new TextDocuments(TextDocument)
    const opened = new OpenDocuments(connection, documents, repository)
    const end = (code: number): void => {
      opened.end()
      connection.dispose()
      resolve(code === 0 ? 0 : 1)
    }
    input.once('end', () => end(watchDog.shutdownReceived ? 0 : 1))
    attend(connection, documents, opened, version)
    answer(connection, opened)
    documents.listen(connection)
    connection.listen()
  })
}

/** The life of a server: what the editor can do, and what happens to its documents and the disk. */
function attend(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  opened: OpenDocuments,
  version: string,
): void {
  let client: ClientCapabilities = {}
  connection.onInitialize((params) => {
    client = params.capabilities
    opened.folders = foldersOf(params)
    opened.hasVersions = client.workspace?.workspaceEdit?.documentChanges === true
    return abilities(version)
  })
  connection.onInitialized(() => {
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
      const watchers = watched.map((globPattern) => ({ globPattern }))
      opened.attend(connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }))
    }
    if (client.workspace?.workspaceFolders === true)
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => uri))
        opened.folders = [...opened.folders.filter((uri) => !gone.has(uri)), ...added.map(({ uri }) => uri)]
        opened.refresh()
      })
  })
  documents.onDidOpen(({ document }) => opened.open(document))
  documents.onDidChangeContent(({ document }) => opened.change(document))
  documents.onDidSave(() => opened.refresh())
  documents.onDidClose(({ document }) => opened.close(document.uri))
  connection.onDidChangeWatchedFiles(() => {
    opened.refresh()
    if (client.workspace?.codeLens?.refreshSupport === true)
      opened.attend(connection.sendRequest(CodeLensRefreshRequest.type))
  })
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => uri)
  return rootUri === null || rootUri === undefined ? [] : [rootUri]
}

function abilities(version: string): InitializeResult {
  return {
    serverInfo: { name: 'kn-rollout', version },
    capabilities: {
      positionEncoding: 'utf-16',
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      codeActionProvider: { codeActionKinds: actionKinds },
      hoverProvider: true,
      completionProvider: { triggerCharacters: [' '] },
      codeLensProvider: {},
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
  }
}

/** Answers requests. What goes wrong with one is its answer. */
function answer(connection: Connection, opened: OpenDocuments): void {
  const about = async <Answer>(
    uri: string,
    token: CancellationToken,
    none: Answer,
    work: (view: View) => Promise<Answer>,
  ): Promise<Answer> => {
    await turn(token)
    const view = await opened.viewOf(uri)
    await turn(token)
    return view ? work(view) : none
  }
  connection.onCodeAction(({ textDocument, ...asked }, token) =>
    about(textDocument.uri, token, [], async (view) => [...(await codeActions(view, asked, opened, token))]),
  )
  connection.onHover(({ textDocument, position }, token) =>
    about(textDocument.uri, token, null, (view) => hoverAt(view, position.line, view.document.offsetAt(position))),
  )
  connection.onCompletion(({ textDocument, position }, token) =>
    about(textDocument.uri, token, [], async (view) => [...(await completionsAt(view, position))]),
  )
  connection.onCodeLens(({ textDocument }, token) =>
    about(textDocument.uri, token, [], async (view) => [...(await codeLenses(view))]),
  )
}
