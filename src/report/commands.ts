import { revisionText, type TrafficTarget } from '../manifest/traffic.js'
import type { Change } from '../pipeline/outcome.js'
import type { SourceFile } from '../text/source.js'
import { stageIn } from '../stages/plans.js'
import { positionIn, stepAfter } from '../stages/position.js'
import { findRoles, type Roles } from '../stages/roles.js'
import { routed, shareOf } from '../stages/shares.js'
import { rollback } from '../stages/stages.js'
import { loneName } from '../stages/taken-back.js'
import { optionWords, shellPath, shellWord } from '../text/shell-word.js'

/** Lines of shell, to be copied from the root of the repository. */
export type Commands = readonly string[]

/** The roles as the changed file tells them, where the command itself did not ask for any. */
function rolesAfter({ roles, after, templateName }: Change): Roles {
  const [stable, candidate] = [roles.stable, roles.candidate].map((role) =>
    'revision' in role ? role.revision : undefined,
  )
  return findRoles({
    traffic: after,
    ...(templateName !== undefined && { templateName }),
    ...(stable && { stable }),
    ...(candidate && { candidate }),
  })
}

/** The command for the stage that follows in the Service's plan, or none where the rollout is over. */
export function nextCommand(file: SourceFile, change: Change): Commands {
  const { plan, after } = change
  const stage = stageIn(plan, change.stage)?.stage
  const isOver = stage?.isWayBack || stage?.alone === 'candidate'
  if (isOver || (stage?.share === 100 && loneName(after) !== undefined)) return []
  const roles = rolesAfter(change)
  const step = stepAfter(plan, positionIn(plan, after, roles))
  if (!step) return []
  const { name, share } = step.stage
  const { stable, candidate } = roles
  const named = [
    ...('revision' in stable ? optionWords('--stable', revisionText(stable.revision)) : []),
    ...('revision' in candidate ? optionWords('--candidate', revisionText(candidate.revision)) : []),
  ]
  // What nobody knows yet is left to fill in, and refused as it stands.
  if (share !== undefined && !('revision' in candidate)) named.push(...optionWords('--candidate', '<candidate>'))
  const isTagged =
    'revision' in candidate &&
    after.some(({ tag, revision }) => {
      return tag !== undefined && revisionText(revision) === revisionText(candidate.revision)
    })
  if (share === 0 && !isTagged && step.tag === undefined) named.push(...optionWords('--tag', '<tag>'))
  return [line('apply', [name], file, change, named)]
}

/** The command that takes a change back, or none where only the commit itself can be reverted. */
export function backCommand(file: SourceFile, change: Change): Commands {
  const { plan, stage, after } = change
  if (stage === 'set') return resetCommand(file, change)
  const { stable } = rolesAfter(change)
  if (stageIn(plan, stage)?.stage.isWayBack || !('revision' in stable) || shareOf(after, stable.revision) === 100)
    return []
  const name = revisionText(stable.revision)
  const isGone = !after.some((target) => nameOf(target) === name)
  const back = line('apply', [rollback.name], file, change, optionWords('--stable', name))
  return [...(isGone ? [`# only while the cluster still has ${shellWord(name)}`] : []), back]
}

/** `set` with the shares and tags from before. A revision with its share on two targets has no such command. */
function resetCommand(file: SourceFile, change: Change): Commands {
  const [before, after] = [routed(change.before), routed(change.after)]
  const served = before.filter(({ percent }) => percent !== 0)
  const names = served.map(nameOf)
  if (new Set(names).size < names.length) return []
  const lost = before.filter((target) => target.tag !== undefined && !holds(after, target))
  const given = after.filter((target) => target.tag !== undefined && !holds(before, target))
  const isUnknown = [...served, ...lost].some((target) => {
    return (
      'name' in target.revision &&
      target.revision.name !== change.templateName &&
      !after.some((one) => nameOf(one) === nameOf(target))
    )
  })
  const words = [
    ...given.flatMap(({ tag = '' }) => optionWords('--untag', tag)),
    ...lost.flatMap((target) => optionWords('--tag', `${nameOf(target)}=${target.tag ?? ''}`)),
    ...served.flatMap((target) => optionWords('--traffic', `${nameOf(target)}=${target.percent}`)),
    ...(isUnknown ? ['--allow-unknown'] : []),
  ]
  return [line('set', [], file, change, words)]
}

function nameOf({ revision }: TrafficTarget): string {
  return revisionText(revision)
}

function holds(traffic: readonly TrafficTarget[], target: TrafficTarget): boolean {
  return traffic.some((one) => one.tag === target.tag && nameOf(one) === nameOf(target))
}

/** `-` is the standard input, by whatever name reports call it. The flags are words of a shell already. */
function line(
  command: string,
  words: readonly string[],
  { path, patchPath }: SourceFile,
  { service, isOnly }: Change,
  flags: readonly string[],
): string {
  const choice = isOnly ? [] : optionWords('--service', service)
  return [
    'kn-rollout',
    command,
    ...words.map(shellWord),
    shellPath(path === '(stdin)' ? '-' : (patchPath ?? path)),
    ...choice,
    ...flags,
    '--write',
  ].join(' ')
}
