import { given } from '../text/given.js'
import { assignedTwice, parseAssignment, type Assignment } from '../stages/assignment.js'
import { change } from './change.js'
import type { ReleaseOptions } from './release-options.js'
import type { Terminal } from './terminal.js'
import { UsageError, refuseRepeated } from './usage.js'

/** Makes a new revision of each Service, previewed beside the stable one. */
export async function release(options: ReleaseOptions, terminal: Terminal): Promise<number> {
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
  if (image === undefined && !env && !annotations) {
    throw new UsageError('a release must change something: give --image, --env or --annotation')
  }
  if (container !== undefined && image === undefined && !env)
    throw new UsageError('--container must come with the --image or --env that it is for')
  const flags = given({ image, container, env, annotations, tag, stable, candidate, revisionName })
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
