import { member } from '../manifest/json.js'
import { unspelled } from '../rules/unspelled.js'
import { changesUnderName } from '../rules/update/name-change.js'
import { formatPath, type Path } from '../text/path.js'
import type { Guard } from './guard.js'

const most = 3
const phrase = '"Saw the following changes without a name change"'

/** A revision never changes: another template needs another name, and an unchanged one must come with its defaults. */
export const nameChange: Guard = {
  code: 'KN501',
  severity: 'error',
  title: 'a template must not change under its own name',
  source:
    'pkg/apis/serving/v1/revision_validation.go VerifyNameChange, configuration_defaults.go (knative/serving#13565)',
  *check({ before, after }) {
    if (!before || before.label !== after.label) return
    const changed = changesUnderName(before, after)
    if (changed.length === 0) return
    const path = ['spec', 'template', 'metadata', 'name']
    const name = String(member(after.value, ...path))
    const defaults = new Set(unspelled(after).map((one) => formatPath(one.path)))
    const isTrap = changed.every((one) => isDefaulted(one, defaults))
    yield isTrap
      ? {
          message: `\`${formatPath(path)}\` must change, or the template must spell the defaults of the cluster: it stays \`${name}\`, and every apply is refused because of ${list(changed)}: ${phrase}`,
          help: `write ${listText([...defaults])} into the template, or give the revision a new name`,
          path,
        }
      : {
          message: `\`${formatPath(path)}\` must change with the template, but stays \`${name}\` while ${list(changed)} ${changed.length === 1 ? 'differs' : 'differ'}: ${phrase}`,
          help: 'give the revision a new name, or leave the name out and have the cluster generate one',
          path,
        }
  },
}

/** Whether only an unsaid default makes the field differ: `containers[0].name`, or the list when its length differs. */
function isDefaulted(path: Path, defaults: ReadonlySet<string>): boolean {
  const text = formatPath(path)
  return [...defaults].some((one) => one === text || one.startsWith(`${text}.`) || text.startsWith(`${one}.`))
}

function list(paths: readonly Path[]): string {
  return listText(paths.map((path) => formatPath(path)))
}

function listText(paths: readonly string[]): string {
  const shown = paths.slice(0, most).map((path) => `\`${path}\``)
  return `${shown.join(', ')}${paths.length > most ? ` and ${paths.length - most} more` : ''}`
}
