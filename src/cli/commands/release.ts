import type { Argv } from 'yargs'

import {
  type FieldFlags,
  type ReleaseFieldKey,
  releaseFieldRows,
  releaseFields,
  setsContainer,
} from '../../stages/release-fields.js'
import { given } from '../../text/collections.js'
import { changeOptions } from '../options.js'
import { refuseRepeated, type Terminal, UsageError } from '../terminal.js'
import { change } from './edit.js'

/** The options of `release`. */
export function releaseOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('image', {
      type: 'string',
      requiresArg: true,
      describe: 'New image; `:TAG` or `@sha256:…` keeps the current repository',
    })
    .option('adopt', {
      type: 'boolean',
      default: false,
      describe: 'Name and preview a template that has changed already, as by the image bump of a bot',
    })
    .option('container', {
      type: 'string',
      requiresArg: true,
      describe: `Container to change with ${optionsOf('container', 'and')}, if there are several`,
    })
  const fields = fieldOptions(own)
  const named = fields.option('revision-name', {
    type: 'string',
    requiresArg: true,
    describe:
      'Name or name template of the new revision; `{{.Service}}`, `{{.ImageTag}}`, `{{.ShortDigest}}`, `{{.Hash 7}}` and `{{.Next}}` expand',
  })
  return changeOptions(named)
    .example('$0 shop.yaml --image :1.3.0 --tag next', 'another tag of the same image, tested at a tag URL')
    .example('$0 shop.yaml --image registry.example.com/shop@sha256:… --env LOG=debug --write', 'image and settings')
    .example(
      "$0 shop.yaml --image :1.3.0 --revision-name '{{.Service}}-v{{.Next}}' --write-defaults",
      'with an explicit name',
    )
    .example('$0 shop.yaml --env FEATURE- --candidate @latest --tag next', 'without predicting a generated name')
    .example('$0 shop.yaml --image :1.3.0 --live live.yaml --tag next', 'numbered as in the cluster')
}

type FieldOption = (typeof releaseFields)[ReleaseFieldKey]['option']
type FieldWords = { readonly [Option in FieldOption]?: string[] | undefined }

/** The options of the fields that a release sets. */
function fieldOptions<T>(yargs: Argv<T>): Argv<T & FieldWords> {
  for (const { option, describe } of releaseFieldRows)
    yargs.option(option, { type: 'string', nargs: 1, array: true, describe })
  return yargs as Argv<T & FieldWords>
}

export type ReleaseOptions = Awaited<ReturnType<typeof releaseOptions>['argv']>

/** Makes a new revision of each Service, previewed beside the stable one. */
export async function runRelease(options: ReleaseOptions, terminal: Terminal): Promise<number> {
  const { image, container, tag, stable, candidate } = options
  const revisionName = options['revision-name']
  for (const [flag, value] of Object.entries({
    image,
    container,
    tag,
    stable,
    candidate,
    'revision-name': revisionName,
  })) {
    refuseRepeated(flag, value)
    if (value === '') throw new UsageError(`--${flag} is empty`)
  }
  const fields = fieldsIn(options)
  const { adopt } = options
  const isEmpty = image === undefined && Object.keys(fields).length === 0
  if (adopt && !isEmpty)
    throw new UsageError(`--adopt cannot be combined with ${optionsOf('any')}: it uses the template of the file`)
  if (isEmpty && !adopt)
    throw new UsageError(`\`release\` needs ${optionsOf('any')}, or --adopt for a template that has changed`)
  if (container !== undefined && image === undefined && !setsContainer(fields))
    throw new UsageError(`--container needs ${optionsOf('container')}`)
  const others = given({ adopt: adopt || undefined, image, container, tag, stable, candidate, revisionName })
  const flags = { ...fields, ...others }
  const idle = 'nothing to change: already released'
  return change({ move: { command: 'release', ...flags }, idle }, options, terminal)
}

/** The options that change the template, or a container of it, as a part of a sentence. */
function optionsOf(holder: 'container' | 'any', last: 'and' | 'or' = 'or'): string {
  const rows = releaseFieldRows.filter(({ of }) => holder === 'any' || of === holder)
  return ['image', ...rows.map(({ option }) => option)]
    .map((option) => `--${option}`)
    .join(', ')
    .replace(/, ([^,]*)$/, ` ${last} $1`)
}

function fieldsIn(options: FieldWords): FieldFlags {
  const found = releaseFieldRows.flatMap(({ key, option, read }) => {
    const words = options[option as FieldOption] ?? []
    const wanted = words.length === 0 ? [] : read(words)
    if (typeof wanted === 'string') throw new UsageError(`--${option} ${wanted}`)
    return wanted.length === 0 ? [] : [[key, wanted] as const]
  })
  return Object.fromEntries(found)
}
