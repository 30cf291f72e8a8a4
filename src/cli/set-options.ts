import type { Argv } from 'yargs'

import { editOptions } from './edit-options.js'

/** The options of `set`: those of `kn service update`, for files. */
export function setOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('traffic', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'REV=PERCENT of a revision, a tag or @latest; others get 0, one left out gets the rest',
    })
    .option('tag', { type: 'string', nargs: 1, array: true, describe: 'REV=TAG: a route of its own for a revision' })
    .option('untag', { type: 'string', nargs: 1, array: true, describe: 'TAG to take away, before any is given' })
    .option('allow-unknown', {
      type: 'boolean',
      default: false,
      describe: 'take names of revisions and tags that the file does not know',
    })
  return editOptions(own)
    .example('$0 shop.yaml --traffic shop-v1=80,shop-v2=20', 'share the traffic by name; {{.Service}} is filled in')
    .example('$0 shop.yaml --traffic v2=20', 'by tag; the other revision of two gets the rest')
    .example('$0 shop.yaml --untag v2 --tag shop-v3=v2', 'move a tag to another revision')
}

export type SetOptions = Awaited<ReturnType<typeof setOptions>['argv']>
