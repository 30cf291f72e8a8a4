import { unspelled } from '../rules/unspelled.js'
import { changesUnderName } from '../rules/update/name-change.js'
import { formatPath, type Path } from '../text/path.js'
import { shortCommit } from '../text/version.js'
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
  name: 'revision-name-kept',
  severity: 'error',
  title: 'a template must not change under its own name',
  source:
    'pkg/apis/serving/v1/revision_validation.go VerifyNameChange, configuration_defaults.go (knative/serving#13565)',
  why: () =>
    'The cluster refuses a template that changes while its own name stays. It compares with the Service as last admitted, so each later commit is refused, too, until one of them goes back. While the name stays it fills in no defaults: one that leaves them unsaid looks changed; rename each template, and spell the defaults.',
  isForWhole: true,
  asksCluster: true,
  *check({ cluster, after, profile, settings }) {
    const name = ownName(after)
    if (name === undefined || cluster.under(name).every((one) => changesUnderName(one, after, settings).length === 0))
      return
    const { cluster: at, refused } = cluster.lately(name)
    const changed = at.service ? changesUnderName(at.service, after, settings) : []
    if (!at.service || changed.length === 0) return
    const before = at.service
    const defaults = unspelled(after, settings).map(({ path }) => path)
    const own = changed.filter((path) => !isDefaulted(path, defaults))
    if (own.length > 0 && isNewTemplate({ before, after, settings })) {
      const began = refused.find(
        ({ service }) => ownName(service) === name && isNewTemplate({ before, after: service, settings }),
      )
      yield changedUnder(name, own, began?.commit)
    }
    // Cloud Run fills in its defaults whatever the name.
    else if (profile === 'knative') yield unspelledUnder(name, [...defaults, ...own])
  },
  // An older version of the name may be what was admitted last, and another one than is compared here.
  isOpen: ({ cluster, after }) => cluster.isOpen(ownName(after)),
}

/** @param began The commit that brought the difference, where that is not the one that is judged: it was refused, too. */
function changedUnder(name: string, changed: readonly Path[], began: string | undefined): Finding {
  const differs = changed.length === 1 ? 'differs' : 'differ'
  const since = began === undefined ? '' : ` since ${shortCommit(began)}, which is refused as well`
  const back =
    began === undefined
      ? 'leave the name out and have the cluster generate one'
      : `put the template back as it was before ${shortCommit(began)}`
  return {
    message: `\`${field}\` must change with the template, but stays \`${name}\` while ${list(changed)} ${differs}${since}: ${phrase}`,
    help: `give the revision a new name, or ${back}`,
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
