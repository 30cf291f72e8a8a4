// How long an editor waits for the findings of a file of 300 lines, from opening it on, with a server that runs already. Build
// first.
//
//   node bench/lsp.mjs [ROUNDS]
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { median } from './measure.mjs'
import { knativeService, random } from './repository.mjs'

const rounds = Math.max(15, Number(process.argv[2] ?? 15))
const limit = 150
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const root = mkdtempSync(path.join(os.tmpdir(), 'kn-rollout-bench-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))

const dice = random(7)
let text = ''
for (let index = 0; text.split('\n').length < 300; index++)
  text += `${text === '' ? '' : '---\n'}${knativeService(dice, `shop-${index}`, 'prod')}`
const file = path.join(root, 'shop.yaml')
writeFileSync(file, text)
for (const words of [
  ['init', '--quiet'],
  ['add', '--all'],
  ['-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'all'],
])
  spawnSync('git', words, { cwd: root })

const server = spawn(process.execPath, [main, 'lsp'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
const listeners = new Set()
let rest = Buffer.alloc(0)
server.stdout.on('data', (chunk) => {
  rest = Buffer.concat([rest, chunk])
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    const length = Number(/Content-Length: (\d+)/i.exec(rest.toString('latin1', 0, Math.max(0, end)))?.[1])
    if (!(rest.length >= end + 4 + length)) return
    const message = JSON.parse(rest.toString('utf8', end + 4, end + 4 + length))
    rest = rest.subarray(end + 4 + length)
    for (const listener of listeners) listener(message)
  }
})

function send(message) {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message })
  server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

/** Milliseconds from a message to the first answer of that kind. */
function until(isAnswer, message) {
  const begin = performance.now()
  return new Promise((resolve) => {
    const listener = (heard) => {
      if (!isAnswer(heard)) return
      listeners.delete(listener)
      resolve(performance.now() - begin)
    }
    listeners.add(listener)
    send(message)
  })
}

const uri = pathToFileURL(file).href
const isPublished = ({ method, params }) => method === 'textDocument/publishDiagnostics' && params.uri === uri
const params = { capabilities: {}, processId: null, rootUri: pathToFileURL(root).href }
await until(({ id }) => id === 1, { id: 1, method: 'initialize', params })
send({ method: 'initialized', params: {} })

const content = readFileSync(file, 'utf8').replace(/percent: \d+/, 'percent: 7')
const [opened, typed] = [[], []]
for (let round = -3; round < rounds; round++) {
  const document = { uri, languageId: 'yaml', version: 1, text: content }
  const first = await until((heard) => isPublished(heard) && heard.params.version === 1, {
    method: 'textDocument/didOpen',
    params: { textDocument: document },
  })
  const contentChanges = [{ text: content.replace('percent: 7', 'percent: 8') }]
  const next = await until((heard) => isPublished(heard) && heard.params.version === 2, {
    method: 'textDocument/didChange',
    params: { textDocument: { uri, version: 2 }, contentChanges },
  })
  if (round >= 0) {
    opened.push(first)
    typed.push(next)
  }
  await until(isPublished, { method: 'textDocument/didClose', params: { textDocument: { uri } } })
}
send({ id: 2, method: 'shutdown', params: null })
send({ method: 'exit', params: null })

const lines = text.split('\n').length - 1
const [afterOpening, afterTyping] = [opened, typed].map((times) => median(times).toFixed(0))
console.log(
  `${lines} lines: findings ${afterOpening} ms after opening (limit ${limit}), ${afterTyping} ms after typing`,
)
process.exitCode = median(opened) <= limit ? 0 : 1
