// Classes must be taken as they are.
import stream from 'node:stream'

import { repositoryFor } from '../answers.js'
import type { Terminal } from '../terminal.js'
import { version } from '../version.js'

/** Serves an editor over stdin and stdout until it says `exit`. */
export async function runLsp(terminal: Terminal): Promise<number> {
  const { serve } = await import('../../lsp/server.js')
  const { stdin, stdout } = terminal
  const given = stdin()
  // What waits for more of an iterator cannot be ended.
  const input = given instanceof stream.Readable ? given : stream.Readable.from(given)
  const output = new stream.Writable({ write: (chunk: Uint8Array, _, done) => stdout.write(chunk, done) })
  // An editor that is gone needs no answer.
  stdout.on('error', () => undefined)
  output.on('error', () => undefined)
  const status = await serve({ input, output, repository: repositoryFor(terminal), version })
  input.destroy()
  return status
}
