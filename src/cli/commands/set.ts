import type { Argv } from 'yargs'

import type { ShareWish, TagWish } from '../../stages/set.js'
import { given } from '../../text/collections.js'
import { editOptions } from '../options.js'
import { type Terminal, UsageError } from '../terminal.js'
import { change } from './edit.js'

/** The items of a flag that may be repeated and holds a list with commas, as kn takes them. */
export function itemsOf(flag: string, values: readonly string[]): readonly string[] {
  const items = values.flatMap((value) => value.split(','))
  if (items.includes(''))
    throw new UsageError(`--${flag} must name something between its commas, but is \`${values.join(',')}\``)
  return items
}

/** The items of `--tag` as wishes. @throws UsageError where one is no `REV=TAG`, or `@latest` is there twice. */
export function tagsFrom(values: readonly string[]): readonly TagWish[] {
  const wishes = itemsOf('tag', values).map((item) => {
    const [revision, tag] = pairOf('tag', item, 'v2')
    return { revision, tag }
  })
  if (wishes.filter(({ revision }) => revision === '@latest').length > 1) throw repeated('tag', '@latest')
  return wishes
}

/**
 * The items of `--traffic` as wishes.
 *
 * @throws UsageError where one is no `REV=PERCENT` from 0 to 100, one is there twice, or they sum to more than 100.
 */
export function sharesFrom(values: readonly string[]): readonly ShareWish[] {
  const wishes = itemsOf('traffic', values).map((item) => {
    const [target, share] = pairOf('traffic', item, '20')
    return { target, percent: percentFrom(item, share) }
  })
  const targets = wishes.map(({ target }) => target)
  const twice = targets.find((target, index) => targets.indexOf(target) < index)
  if (twice !== undefined) throw repeated('traffic', twice)
  const sum = wishes.reduce((total, { percent }) => total + percent, 0)
  if (sum > 100) {
    throw new UsageError(
      `--traffic must not give more than 100 percent: given traffic percents sum to ${sum}, want <=100`,
    )
  }
  return wishes
}

/** kn takes a lone value for one of `@latest`; a forgotten name would then do something else than was meant. */
function pairOf(flag: string, item: string, example: string): readonly [string, string] {
  const [left = '', right = '', ...others] = item.split('=')
  if (left !== '' && right !== '' && others.length === 0) return [left, right]
  throw new UsageError(
    `--${flag} must be REV=${flag === 'tag' ? 'TAG' : 'PERCENT'}, such as @latest=${example}: expecting the value format in value1=value2, given ${item}`,
  )
}

function percentFrom(item: string, text: string): number {
  if (!/^[+-]?\d+%?$/.test(text)) {
    throw new UsageError(
      `--traffic ${item} must end in a whole number: error converting given ${text} to integer value for traffic distribution`,
    )
  }
  const percent = Number.parseInt(text, 10)
  if (percent >= 0 && percent <= 100) return percent
  throw new UsageError(
    `--traffic ${item} must be from 0 to 100: invalid value for traffic percent ${percent}, expected 0 <= percent <= 100`,
  )
}

function repeated(flag: string, name: string): UsageError {
  const what = name === '@latest' ? 'identifier @latest' : `revision reference ${name}`
  return new UsageError(`repetition of ${what} is not allowed, use only once with --${flag} flag`)
}

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

/** Sets shares and tags by the grammar of `kn service update`, whatever the order of the flags. */
export async function runSet(options: SetOptions, terminal: Terminal): Promise<number> {
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
