import type { Argv } from 'yargs'

import { assignedTwice, type Assignment, parseAssignment } from '../../stages/template-edits.js'
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
      describe: 'Container to change with --image and --env, if there are several',
    })
    .option('env', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'NAME=VALUE to set a variable, NAME- to remove it; repeatable',
    })
    .option('annotation', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'NAME=VALUE to set an annotation of the template, NAME- to remove it; repeatable',
    })
    .option('revision-name', {
      type: 'string',
      requiresArg: true,
      describe:
        'Name or name template of the new revision; `{{.Service}}`, `{{.ImageTag}}`, `{{.ShortDigest}}`, `{{.Hash 7}}` and `{{.Next}}` expand',
    })
  return changeOptions(own)
    .example('$0 shop.yaml --image :1.3.0 --tag next', 'another tag of the same image, tested at a tag URL')
    .example('$0 shop.yaml --image registry.example.com/shop@sha256:… --env LOG=debug --write', 'image and settings')
    .example(
      "$0 shop.yaml --image :1.3.0 --revision-name '{{.Service}}-v{{.Next}}' --write-defaults",
      'with an explicit name',
    )
    .example('$0 shop.yaml --env FEATURE- --candidate @latest --tag next', 'without predicting a generated name')
    .example('$0 shop.yaml --image :1.3.0 --live live.yaml --tag next', 'numbered as in the cluster')
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
  const [env, annotations] = [assignments('env', options.env), assignments('annotation', options.annotation)]
  const { adopt } = options
  const isEmpty = image === undefined && !env && !annotations
  if (adopt && !isEmpty)
    throw new UsageError(
      '--adopt cannot be combined with --image, --env or --annotation: it uses the template of the file',
    )
  if (isEmpty && !adopt)
    throw new UsageError('release needs --image, --env or --annotation, or --adopt for a template that has changed')
  if (container !== undefined && image === undefined && !env) throw new UsageError('--container needs --image or --env')
  const flags = given({
    adopt: adopt || undefined,
    image,
    container,
    env,
    annotations,
    tag,
    stable,
    candidate,
    revisionName,
  })
  const idle = 'nothing to change: already released'
  return change({ move: { command: 'release', ...flags }, idle }, options, terminal)
}

function assignments(flag: string, words: readonly string[] | undefined): readonly Assignment[] | undefined {
  if (!words || words.length === 0) return undefined
  const read = words.map((word) => {
    const assignment = parseAssignment(word)
    if (assignment) return assignment
    throw new UsageError(`--${flag} is \`${word}\`; must be NAME=VALUE, or NAME- to remove it`)
  })
  const twice = assignedTwice(read)
  if (twice !== undefined) throw new UsageError(`--${flag} sets \`${twice}\` twice`)
  return read
}
