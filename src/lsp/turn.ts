import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver'

/**
 * Lets what has arrived in the meantime be heard, a cancellation above all: work between two turns cannot be interrupted.
 *
 * @throws ResponseError where nobody waits for the answer any more.
 */
export async function turn(token: CancellationToken): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve))
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'canceled by the editor')
}
