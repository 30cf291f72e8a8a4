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
      describe: 'the new image; :TAG or @sha256:… for another version of the present one',
    })
    .option('adopt', {
      type: 'boolean',
      default: false,
      describe: 'Name and preview a template that has changed already, as by the image bump of a bot',
    })
    .option('container', {
      type: 'string',
      requiresArg: true,
      describe: 'the container that --image and --env are for, where there are several',
    })
    .option('env', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'NAME=VALUE to set a variable, NAME- to remove it; may be repeated',
    })
    .option('annotation', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'NAME=VALUE to set an annotation of the template, NAME- to remove it; may be repeated',
    })
    .option('revision-name', {
      type: 'string',
      requiresArg: true,
      describe:
        "the new revision's own name, with {{.Service}}, {{.ImageTag}}, {{.ShortDigest}}, {{.Hash 7}} or {{.Next}} in it",
    })
  return changeOptions(own)
    .example('$0 shop.yaml --image :1.3.0 --tag next', 'another version of the same image, tested at its own tag')
    .example('$0 shop.yaml --image registry.example.com/shop@sha256:… --env LOG=debug --write', 'image and settings')
    .example(
      "$0 shop.yaml --image :1.3.0 --revision-name '{{.Service}}-v{{.Next}}' --write-defaults",
      'with a name of its own',
    )
    .example('$0 shop.yaml --env FEATURE- --candidate @latest --tag next', 'without foretelling a generated name')
    .example('$0 shop.yaml --image :1.3.0 --live live.yaml --tag next', 'numbered as the cluster does')
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
    if (value === '') throw new UsageError(`--${flag} must not be empty`)
  }
  const [env, annotations] = [assignments('env', options.env), assignments('annotation', options.annotation)]
  const { adopt } = options
  const isEmpty = image === undefined && !env && !annotations
  if (adopt && !isEmpty)
    throw new UsageError(
      '--adopt cannot be combined with --image, --env or --annotation: it takes the template as it is',
    )
  if (isEmpty && !adopt)
    throw new UsageError(
      'a release must change something: give --image, --env or --annotation, or --adopt what has changed',
    )
  if (container !== undefined && image === undefined && !env)
    throw new UsageError('--container must come with the --image or --env that it is for')
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
  const idle = 'nothing to change: the release is already there'
  return change({ move: { command: 'release', ...flags }, idle }, options, terminal)
}

function assignments(flag: string, words: readonly string[] | undefined): readonly Assignment[] | undefined {
  if (!words || words.length === 0) return undefined
  const read = words.map((word) => {
    const assignment = parseAssignment(word)
    if (assignment) return assignment
    throw new UsageError(`--${flag} must be NAME=VALUE, or NAME- to remove it, but is \`${word}\``)
  })
  const twice = assignedTwice(read)
  if (twice !== undefined) throw new UsageError(`--${flag} must name \`${twice}\` once`)
  return read
}
