// Random trees in real repositories, and random commands that write in them: nothing that a command writes is an error to
// `check --since HEAD` that was none before.
import * as fc from 'fast-check'
import * as assert from 'uvu/assert'

import { at } from '../rollouts.js'
import { Sandbox } from './sandbox.js'

/** One Service of a tree, in a file of its own or behind another one. */
type Shape = {
  readonly revision: string
  readonly traffic: string
  readonly isSpelled: boolean
  /** What its file was in the commit before the last one. */
  readonly older: 'none' | 'image' | 'name' | 'traffic'
  /** What was done to it since the last commit. */
  readonly edited: 'none' | 'image' | 'comment' | 'label'
  readonly isBehind: boolean
}

type Run = {
  readonly services: readonly Shape[]
  readonly plan: string
  readonly command: readonly string[]
  /** Which of the commands that fit the first Service it is in place of that one. */
  readonly apt: number
  readonly isApt: boolean
  readonly isAll: boolean
  readonly writesDefaults: boolean
}

const plans: readonly string[] = [
  '',
  'plan: quick\nplans:\n  quick: [preview, promote]\n',
  'plan: careful\nplans:\n  careful: [preview, { stage: few, percent: 5 }, { stage: half, percent: 50 }, promote, retire]\n',
]
const names = ['shop', 'cart', 'till'] as const
const traffics = ['', '@latest=100', 'v1=100', 'v1=100 v2=0:v2', 'v1=90 v2=10:v2', 'v2=100 v1=0'] as const
const generated = ['', '@latest=100', '00001=100', '00001=100 00002=0:next', '00001=50 00002=50:next'] as const

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    named: fc.constantFrom('', 'v1', 'v2', 'v2'),
    traffic: fc.nat(),
    isSpelled: fc.constantFrom(true, true, true, false),
    older: fc.constantFrom('none', 'none', 'none', 'image', 'name', 'name', 'traffic', 'traffic'),
    edited: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'none', 'image', 'comment', 'label'),
    isBehind: fc.constantFrom(true, false, false),
  })
  .map(({ named, traffic, ...rest }) => {
    const list = named === '' ? generated : traffics
    return { ...rest, revision: named, traffic: list[traffic % list.length] ?? '' }
  })

const roles = fc.constantFrom<readonly string[]>(
  [],
  [],
  ['--stable', '{{.Service}}-v1'],
  ['--candidate', '{{.Service}}-v2'],
  ['--candidate', '{{.Service}}-00002', '--tag', 'next'],
  ['--stable', '{{.Service}}-00001'],
)
const stages = fc.constantFrom<readonly string[]>(
  ['pin'],
  ['preview'],
  ['split'],
  ['split', '--percent', '20'],
  ['promote'],
  ['promote', '--drop-stable'],
  ['retire'],
  ['rollback'],
  ['rollback', '--restore-template'],
)
const releases = fc.constantFrom<readonly string[]>(
  ['--image', ':2.0'],
  ['--image', ':2.0', '--revision-name', '{{.Service}}-v{{.Next}}'],
  ['--env', 'LOG=debug', '--tag', 'trial'],
  ['--annotation', 'note=new', '--revision-name', '{{.Service}}-x'],
  ['--image', ':2.0', '--candidate', '@latest', '--tag', 'trial'],
)
const sets = fc.constantFrom<readonly string[]>(
  ['--traffic', '@latest=100'],
  ['--traffic', '{{.Service}}-v1=100'],
  ['--tag', '@latest=trial'],
)
const commands: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(stages, roles).map(([stage, role]) => ['apply', ...stage, ...role]) },
  { weight: 2, arbitrary: roles.map((role) => ['next', '--ready', ...role]) },
  { weight: 4, arbitrary: fc.tuple(releases, roles).map(([what, role]) => ['release', ...what, ...role.slice(0, 2)]) },
  { weight: 2, arbitrary: sets.map((what) => ['set', ...what]) },
)

function who(role: string, number: string): readonly string[] {
  return [`--${role}`, `{{.Service}}-${number}`]
}

/** Commands that fit what a Service has, as users would type them. */
function aptFor({ revision, traffic }: Shape): readonly (readonly string[])[] {
  const [stable, next] = revision === '' ? ['00001', '00002'] : ['v1', 'v2']
  const release = [
    'release',
    '--image',
    ':2.0',
    ...(revision === '' ? ['--candidate', '@latest', '--tag', 'trial'] : []),
  ]
  if (traffic === '' || traffic.startsWith('@')) return [['apply', 'pin', ...who('stable', revision || stable)]]
  if (!traffic.includes(' '))
    return [release, ['apply', 'preview', ...who('candidate', next), '--tag', 'try'], ['set', '--tag', '@latest=trial']]
  const under = traffic.startsWith('v2') ? [] : [['apply', 'split', '--percent', '20'], ['apply', 'promote'], ['next']]
  return [...under, ['apply', 'rollback'], release, ['set', '--traffic', `{{.Service}}-${stable}=100`]]
}

const runs: fc.Arbitrary<Run> = fc.record({
  services: fc.array(shapes, { minLength: 1, maxLength: 3 }),
  plan: fc.constantFrom(...plans),
  command: commands,
  apt: fc.nat(),
  isApt: fc.constantFrom(true, true, true, true, true, false),
  isAll: fc.constantFrom(true, false, false, false),
  writesDefaults: fc.constantFrom(true, true, true, false),
})

/** How many runs there were, and how many of them wrote. */
export type Tally = { runs: number; written: number; readonly commands: Map<string, number> }

/** Holds the property for so many runs; throws where one breaks it. */
export function holdGuarded({ seed, numRuns }: { readonly seed: number; readonly numRuns: number }): Tally {
  const tally: Tally = { runs: 0, written: 0, commands: new Map() }
  fc.assert(
    fc.property(runs, (run) => {
      const words = wordsOf(run)
      const [command = ''] = words
      const isWritten = holds(run, words)
      tally.runs++
      if (isWritten) tally.written++
      if (isWritten) tally.commands.set(command, (tally.commands.get(command) ?? 0) + 1)
    }),
    { seed, numRuns },
  )
  return tally
}

function wordsOf({ services: [first], command, apt, isApt, isAll, writesDefaults }: Run): readonly string[] {
  const fitting = first && isApt ? aptFor(first) : []
  const words = (fitting[apt % fitting.length] ?? command).map((word) =>
    word.includes('=') ? word.replace('{{.Service}}', names[0]) : word,
  )
  const isOne = !isAll || words.some((word) => word.startsWith(`${names[0]}-`))
  return [
    ...words,
    ...(isOne ? ['--service', names[0]] : ['--all']),
    '--write',
    ...(writesDefaults ? ['--write-defaults'] : []),
  ]
}

function holds({ services, plan }: Run, words: readonly string[]): boolean {
  const box = new Sandbox()
  try {
    box.git('init', '--quiet')
    box.write({ ...treeOf(services, older), ...(plan !== '' && { '.kn-rollout.yaml': plan }) })
    box.commit()
    box.write({ ...treeOf(services, textOf), 'README.md': 'more\n' })
    box.commit()
    box.write(treeOf(services, edited))
    const before = errorsIn(box)
    const tree = box.snapshot()
    const ran = box.run(words)
    const isWritten = Object.entries(box.snapshot()).some(([file, text]) => tree[file] !== text)
    assert.is(isWritten && ran.status !== 0, false, `writes, but fails: ${ran.stderr}`)
    const fresh = errorsIn(box).filter((error) => !before.includes(error))
    assert.equal(fresh, [], `${words.join(' ')}\n${ran.stderr}`)
    return isWritten
  } finally {
    box.remove()
  }
}

function treeOf(
  services: readonly Shape[],
  write: (shape: Shape, name: string) => string,
): Readonly<Record<string, string>> {
  const files: Record<string, string> = {}
  let file = ''
  for (const [index, shape] of services.entries()) {
    const name = names[index] ?? ''
    if (file === '' || !shape.isBehind) file = `${name}.yaml`
    files[file] = [...(files[file] === undefined ? [] : [files[file]]), write(shape, name)].join('---\n')
  }
  return files
}

function textOf({ revision, traffic, isSpelled }: Shape, name: string): string {
  const text = at(traffic, revision, name)
  return isSpelled ? text : text.replace(/ {10}readinessProbe:[^]*? {14}port: 0\n/, '')
}

function older(shape: Shape, name: string): string {
  const text = textOf(shape, name)
  if (shape.older === 'image') return text.replace('shop:1.0', 'shop:0.9')
  if (shape.older === 'traffic') return text.replace(/ {2}traffic:[^]*/, '')
  return shape.older === 'name' && shape.revision === 'v2'
    ? textOf({ ...shape, revision: 'v1' }, name).replace('shop:1.0', 'shop:0.9')
    : text
}

function edited(shape: Shape, name: string): string {
  const text = textOf(shape, name)
  if (shape.edited === 'image') return text.replace('shop:1.0', 'shop:1.1')
  if (shape.edited === 'comment') return text.replace('spec:', 'spec: # looked at')
  return shape.edited === 'label' ? text.replace('  namespace', '  labels: {team: web}\n  namespace') : text
}

type Report = {
  readonly diagnostics: readonly { readonly [key in 'code' | 'severity' | 'file' | 'path' | 'service']?: string }[]
}

function errorsIn(box: Sandbox): readonly string[] {
  const { stdout, stderr } = box.run(['check', '--since', 'HEAD', '--format', 'json'])
  assert.ok(stdout.startsWith('{'), stderr)
  return (JSON.parse(stdout) as Report).diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, file, path, service }) => [code, file, path, service].join(' '))
}
