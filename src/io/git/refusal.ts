import { realpathSync } from 'node:fs'

import { shellWord } from '../../text/shell-word.js'

/** The oldest Git that can do all that it is asked for here. */
export const oldestGit = '2.20'

/** What Git prints about a repository of another user, since 2.36 and before. */
const foreign = /dubious ownership|unsafe repository/
const unknownOption =
  /^(?:usage: git|error: unknown (?:option|switch)|fatal: (?:unrecognized|unknown) (?:argument|option))/m

/** What stands behind a failure of Git that its own words do not make plain, and what to do about it. */
export function refusalOf(root: string, talk: string): { readonly reason?: string; readonly help?: string } {
  if (foreign.test(talk)) {
    const real = shellWord(realpathSync.native(root))
    return {
      reason: 'Git does not read a repository of another user',
      help: `run \`git config --global --add safe.directory ${real}\``,
    }
  }
  return unknownOption.test(talk) ? { help: `install Git ${oldestGit} or newer` } : {}
}
