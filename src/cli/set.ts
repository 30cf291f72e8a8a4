import { given } from '../text/given.js'
import { itemsOf, sharesFrom, tagsFrom } from './assignments.js'
import { change } from './change.js'
import type { SetOptions } from './set-options.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage.js'

/** Sets shares and tags by the grammar of `kn service update`, whatever the order of the flags. */
export async function set(options: SetOptions, terminal: Terminal): Promise<number> {
  const { traffic, tag, untag } = options
  if (!traffic && !tag && !untag)
    throw new UsageError('set must be given --traffic, --tag or --untag; see `kn-rollout set --help`')
  const wishes = given({
    untag: untag && itemsOf('untag', untag),
    tags: tag && tagsFrom(tag),
    shares: traffic && sharesFrom(traffic),
  })
  const move = { command: 'set', ...wishes, allowUnknown: options['allow-unknown'] } as const
  return change({ move, idle: 'nothing to change: shares and tags are already so' }, options, terminal)
}
