import { unspelled } from '../rules/unspelled.js'
import { changesUnderName } from '../rules/update/name-change.js'
import { formatPath, type Path } from '../text/path.js'
import type { Finding } from '../rules/rule.js'
import type { Guard } from './guard.js'
import { isNewTemplate, ownName, ownNamePath } from '../history/template.js'

/** How many fields a message names. */
const most = 3
const phrase = '"Saw the following changes without a name change"'
const field = formatPath(ownNamePath)

/** A revision never changes: another template needs another name, and an unchanged one must come with its defaults. */
export const nameChange: Guard = {
  code: 'KN501',
  severity: 'error',
  title: 'a template must not change under its own name',
  source:
    'pkg/apis/serving/v1/revision_validation.go VerifyNameChange, configuration_defaults.go (knative/serving#13565)',
  isForWhole: true,
  *check({ before, after, profile }) {
    const changed = changesUnderName(before, after)
    if (changed.length === 0) return
    const name = ownName(after) ?? ''
    const defaults = unspelled(after).map(({ path }) => path)
    const own = changed.filter((path) => !isDefaulted(path, defaults))
    if (own.length > 0 && isNewTemplate({ before, after })) yield changedUnder(name, own)
    // Cloud Run fills in its defaults whatever the name.
    else if (profile === 'knative') yield unspelledUnder(name, [...defaults, ...own])
  },
}

function changedUnder(name: string, changed: readonly Path[]): Finding {
  return {
    message: `\`${field}\` must change with the template, but stays \`${name}\` while ${list(changed)} ${changed.length === 1 ? 'differs' : 'differ'}: ${phrase}`,
    help: 'give the revision a new name, or leave the name out and have the cluster generate one',
    path: ownNamePath,
  }
}

/** Though nothing changes in the file: what it does not say, the cluster has said for it. */
function unspelledUnder(name: string, missing: readonly Path[]): Finding {
  return {
    message: `\`${field}\` must change, or the template spell the cluster's defaults, but it stays \`${name}\` and does not spell ${list(missing)}: every apply is refused with ${phrase}`,
    help: 'spell them (`kn-rollout apply`, `next`, `set` and `release` do it with --spell), or give the revision a new name',
    path: ownNamePath,
  }
}

/** Whether only an unsaid default makes the field differ. */
function isDefaulted(path: Path, defaults: readonly Path[]): boolean {
  return defaults.some((one) => startsWith(one, path) || startsWith(path, one))
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, index) => path[index] === part)
}

function list(paths: readonly Path[]): string {
  const shown = paths.slice(0, most).map((path) => `\`${formatPath(path)}\``)
  const rest = paths.length - shown.length
  const last = rest > 0 ? `${rest} more` : shown.pop()
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`
}
