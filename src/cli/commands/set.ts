import type { Argv } from 'yargs'

import type { ShareWish, TagWish } from '../../stages/set.js'
import { given } from '../../text/collections.js'
import { editOptions } from '../options.js'
import { type Terminal, UsageError } from '../terminal.js'
import { change } from './edit.js'

/** The items of a flag that may be repeated and holds a list with commas, as kn takes them. */
export function itemsOf(flag: string, values: readonly string[]): readonly string[] {
  const items = values.flatMap((value) => value.split(','))
  if (items.includes('')) throw new UsageError(`--${flag} is \`${values.join(',')}\`; must have a value between commas`)
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
      `--traffic adds up to ${sum}%, more than 100%; kn says: given traffic percents sum to ${sum}, want <=100`,
    )
  }
  return wishes
}

/** kn takes a lone value for one of `@latest`; a forgotten name would then do something else than was meant. */
function pairOf(flag: string, item: string, example: string): readonly [string, string] {
  const [left = '', right = '', ...others] = item.split('=')
  if (left !== '' && right !== '' && others.length === 0) return [left, right]
  throw new UsageError(
    `--${flag} is \`${item}\`; must be \`REV=${flag === 'tag' ? 'TAG' : 'PERCENT'}\`, such as \`@latest=${example}\`; kn says: expecting the value format in value1=value2, given ${item}`,
  )
}

function percentFrom(item: string, text: string): number {
  if (!/^[+-]?\d+%?$/.test(text)) {
    throw new UsageError(
      `\`--traffic ${item}\` does not end in a whole number; kn says: error converting given ${text} to integer value for traffic distribution`,
    )
  }
  const percent = Number.parseInt(text, 10)
  if (percent >= 0 && percent <= 100) return percent
  throw new UsageError(
    `\`--traffic ${item}\` is not 0 to 100; kn says: invalid value for traffic percent ${percent}, expected 0 <= percent <= 100`,
  )
}

function repeated(flag: string, name: string): UsageError {
  const what = name === '@latest' ? 'identifier @latest' : `revision reference ${name}`
  return new UsageError(
    `--${flag} names \`${name}\` twice; kn says: repetition of ${what} is not allowed, use only once with --${flag} flag`,
  )
}

/** The options of `set`: those of `kn service update`, for files. */
export function setOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('traffic', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'Percent by revision, tag or `@latest`: REV=PERCENT; if one is left out, it gets the rest',
    })
    .option('tag', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'Tag of a revision: REV=TAG; it creates a tag URL',
    })
    .option('untag', { type: 'string', nargs: 1, array: true, describe: 'Tag to remove, before any is added' })
    .option('allow-unknown', {
      type: 'boolean',
      default: false,
      describe: 'Accept revisions and tags that are not in the file',
    })
  return editOptions(own)
    .example('$0 shop.yaml --traffic shop-v1=80,shop-v2=20', 'split the traffic by name')
    .example('$0 shop.yaml --traffic v2=20', 'by tag; the other revision of two gets the rest')
    .example('$0 shop.yaml --untag v2 --tag shop-v3=v2', 'move a tag to another revision')
}

export type SetOptions = Awaited<ReturnType<typeof setOptions>['argv']>

/** Sets shares and tags by the grammar of `kn service update`, whatever the order of the flags. */
export async function runSet(options: SetOptions, terminal: Terminal): Promise<number> {
  const { traffic, tag, untag } = options
  if (!traffic && !tag && !untag)
    throw new UsageError('`set` needs --traffic, --tag or --untag; see `kn-rollout set --help`')
  const wishes = given({
    untag: untag && itemsOf('untag', untag),
    tags: tag && tagsFrom(tag),
    shares: traffic && sharesFrom(traffic),
  })
  const move = { command: 'set', ...wishes, allowUnknown: options['allow-unknown'] } as const
  return change({ move, idle: 'nothing to change: percents and tags are already set' }, options, terminal)
}
