import type { TrafficTarget } from '../manifest/traffic.js'
import type { Moved } from '../pipeline/moved.js'
import type { Compared } from '../pipeline/request.js'
import type { Status } from '../pipeline/status.js'
import { printable } from '../text/printable.js'
import { plural } from '../text/words.js'
import type { Paint } from './colour.js'
import { comparedJson, comparedText } from './compared.js'
import { trafficText } from './history.js'
import { diagnosticJson, reportText, targetJson } from './json.js'
import type { MoveJson } from './public-json.js'
import { movesOf, sharesOf, shiftText } from './shifts.js'
import { stageText } from './status.js'
import { Positions } from './where.js'

/** One line a Service: `bank/ledger: ledger-v1 90% -> 50%, ledger-v2 10% -> 50% (few -> split)`. */
export function movedText(moved: readonly Moved[], colours: Paint): string {
  const count = new Map<string, number>()
  for (const { row } of moved) count.set(row.label, (count.get(row.label) ?? 0) + 1)
  return moved
    .map((one) => {
      const { label, root, file } = one.row
      // What is there twice is told apart by where it is.
      const where = (count.get(label) ?? 0) > 1 ? ` in ${printable(root ?? file)}` : ''
      return `${colours.strong(printable(label === '' ? '(no name)' : label))}${where}: ${printable(sentence(one))}\n`
    })
    .join('')
}

function sentence(one: Moved): string {
  const { kind, from, to, template } = one
  const stages = stagesOf(one)
  if (kind === 'added') return `added, with ${to ? trafficText({ traffic: to }) : 'traffic that cannot be read'}`
  if (kind === 'removed') return `removed, had ${from ? trafficText({ traffic: from }) : 'traffic that cannot be read'}`
  const parts = [
    ...(from && to ? trafficParts(from, to) : from || to ? [`traffic ${to ? 'can' : 'cannot'} be read now`] : []),
    ...(template?.name ? [`revision name ${named(template.name.from)} -> ${named(template.name.to)}`] : []),
    ...(template?.images ?? []).map((image) => `image ${image.from} -> ${image.to}`),
    ...(template && !template.name && template.images.length === 0 ? ['template changed'] : []),
  ]
  return `${parts.join(', ')}${stages ? ` (${stages.from} -> ${stages.to})` : ''}`
}

/** The stages of both sides, as people see them; undefined where they are one. */
function stagesOf({ row, before }: Moved): { readonly from: string; readonly to: string } | undefined {
  if (!before) return undefined
  const [from, to] = [stageText(before), stageText(row)]
  return from === to ? undefined : { from, to }
}

function trafficParts(from: readonly TrafficTarget[], to: readonly TrafficTarget[]): readonly string[] {
  const idle = sharesOf(from, to).filter(
    (one) => (one.before ?? 0) === 0 && (one.after ?? 0) === 0 && one.before !== one.after,
  )
  const [old, fresh] = [tagsOf(from), tagsOf(to)]
  return [
    ...[...movesOf(from, to), ...idle].map((shift) => shiftText(shift, (name) => name)),
    ...[...fresh].flatMap(([tag, name]) => (old.get(tag) === name ? [] : [`tag ${tag} -> ${name}`])),
    ...[...old.keys()].flatMap((tag) => (fresh.has(tag) ? [] : [`tag ${tag} removed`])),
  ]
}

function tagsOf(traffic: readonly TrafficTarget[]): ReadonlyMap<string, string> {
  return new Map(
    traffic.flatMap(({ tag, revision }) =>
      tag === undefined ? [] : [[tag, 'name' in revision ? revision.name : 'latest revision'] as const],
    ),
  )
}

function named(name: string | undefined): string {
  return name ?? '(generated)'
}

/** Which sides were compared, and how many Services moved: `7551c51..working tree: 2 Services moved`. */
export function movedSummary(moved: readonly Moved[], compared: Compared): string {
  const what = moved.length === 0 ? 'no Service moved' : `${plural(moved.length, 'Service')} moved`
  return `${comparedText(compared)}: ${what}\n`
}

/** The report for programs, of the shape that `schemas/report.json` promises. */
export function movedJson(
  moved: readonly Moved[],
  compared: Compared,
  { files, diagnostics }: Pick<Status, 'files' | 'diagnostics'>,
): string {
  const places = new Positions(files)
  return reportText({
    compared: comparedJson(compared),
    diagnostics: diagnostics.map((one) => diagnosticJson(one, places)),
    moves: moved.map(moveJson),
  })
}

function moveJson(one: Moved): MoveJson {
  const { row, kind, from, to, template } = one
  const { file, root, namespace, name } = row
  return {
    file,
    root,
    namespace,
    name,
    kind,
    from: from?.map(targetJson),
    to: to?.map(targetJson),
    stages: stagesOf(one),
    template: template && {
      revisionName: template.name && { from: template.name.from, to: template.name.to },
      images: template.images.map((image) => ({ from: image.from, to: image.to })),
    },
  }
}
