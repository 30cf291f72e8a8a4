// What kn-rollout says of a state: a request, and what came of it.
import { type MoveRequest, type Outcome, plan, type Stage, stages, statusOf, type StatusRow } from '../../src/index.js'
import { mostText, type State, type TextField, type TickField } from './state.js'

/** The name of the manifest in diffs. */
const path = 'service.yaml'

export type Ran = {
  readonly outcome: Outcome
  /** Every Service of the manifest. */
  readonly rows: readonly StatusRow[]
}

/** The fields that a step takes. What only Git can answer is not among them. */
export function fieldsOf(step: string): ReadonlySet<TextField | TickField> {
  if (step === 'validate') return new Set()
  if (step === 'release') return new Set(['service', 'image', 'revisionName', 'tag'])
  const known = { tag: 'tag', percent: 'percent', keep: 'keep', 'drop-stable': 'dropStable', untag: 'untag' } as const
  const flags = stageNamed(step)?.flags.flatMap((flag) => (flag in known ? known[flag as keyof typeof known] : []))
  return new Set<TextField | TickField>(['service', 'stable', 'candidate', ...(flags ?? [])])
}

function stageNamed(name: string): Stage | undefined {
  return stages.find((stage) => stage.name === name)
}

/** What a step does, in one line. */
export function summaryOf({ step, texts }: State): string {
  if (step === 'validate') return 'Validate the manifest against Knative’s schema and rules; nothing moves.'
  if (step === 'release') return 'Set a new image, name the new revision, and preview it at 0%, in one diff.'
  const { summary = '', result = '' } = stageNamed(step) ?? {}
  const sentence = summary.replace(' (the next percent of the plan, or --percent for the candidate)', '')
  const percent = Number(texts.percent)
  const isGiven = fieldsOf(step).has('percent') && percent > 0 && percent < 100
  const after = isGiven ? `stable ${100 - percent}, candidate ${percent}` : result
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}. Afterwards: ${after.replaceAll(/\d+/g, '$&%')}.`
}

/** @param now In seconds since 1970. */
export function run(state: State, now: number): Ran {
  const { manifest: text, texts } = state
  if (text.length >= mostText) throw new Error(`the manifest is too large: at most ${mostText / 1024} KiB`)
  const file = { path, text }
  const { rows } = statusOf([file], { now })
  const move = moveIn(state)
  const services = texts.service !== '' && fieldsOf(state.step).has('service') ? [texts.service] : []
  return { outcome: plan([file], { now, services, all: services.length === 0, ...(move && { move }) }), rows }
}

function moveIn({ step, texts, ticks }: State): MoveRequest | undefined {
  if (step === 'validate') return undefined
  const takes = fieldsOf(step)
  const given = Object.fromEntries(
    (['image', 'revisionName', 'stable', 'candidate', 'tag'] as const)
      .filter((name) => takes.has(name) && texts[name].trim() !== '')
      .map((name) => [name, texts[name].trim()]),
  )
  if (step === 'release') return { command: 'release', ...given }
  const ticked = (['keep', 'dropStable', 'untag'] as const).filter((name) => takes.has(name) && ticks[name])
  const percent = takes.has('percent') && texts.percent.trim() !== '' ? { percent: Number(texts.percent) } : {}
  return {
    command: 'apply',
    stage: step,
    ...given,
    ...percent,
    ...Object.fromEntries(ticked.map((name) => [name, true])),
  }
}
