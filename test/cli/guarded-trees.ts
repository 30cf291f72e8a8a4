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

/** One overlay over all of the Services. */
type Overlay = {
  readonly prefix: string
  /** Whether it decides on the image. */
  readonly hasImages: boolean
  /** How it has a list of its own for the first Service, if at all. */
  readonly own: 'none' | 'file' | 'old style' | 'inline' | 'whole'
}

type Run = {
  readonly services: readonly Shape[]
  /** Without one, the Services are in plain files. */
  readonly overlays: readonly Overlay[]
  /** What an overlay is moved by besides its name. */
  readonly reach: readonly string[]
  /** Whether the base's own file is moved, and no overlay. */
  readonly isOfBase: boolean
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

/** One thing most of the time, and the others now and then. */
function seldom<Kind>(usual: Kind, ...others: readonly Kind[]): Kind[] {
  return [...Array.from({ length: 3 * others.length }, () => usual), ...others]
}

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    named: fc.constantFrom('', 'v1', 'v2', 'v2'),
    traffic: fc.nat(),
    isSpelled: fc.constantFrom(...seldom(true, false, true)),
    older: fc.constantFrom(...seldom<Shape['older']>('none', 'image', 'name', 'name', 'traffic', 'traffic')),
    edited: fc.constantFrom(...seldom<Shape['edited']>('none', 'image', 'comment', 'label')),
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

const environments = ['prod', 'staging', 'dev'] as const
const overlays: fc.Arbitrary<Overlay> = fc.record({
  prefix: fc.constantFrom('', '', '', '', '', '', '', 'x-'),
  hasImages: fc.constantFrom(true, false),
  own: fc.constantFrom<Overlay['own']>(
    'none',
    'none',
    'none',
    'none',
    'file',
    'file',
    'old style',
    'inline',
    'whole',
    'whole',
  ),
})

const runs: fc.Arbitrary<Run> = fc.record({
  overlays: fc.oneof(
    { weight: 1, arbitrary: fc.constant<readonly Overlay[]>([]) },
    { weight: 1, arbitrary: fc.array(overlays, { minLength: 1, maxLength: 3 }) },
  ),
  reach: fc.constantFrom<readonly string[]>(
    ...Array.from({ length: 7 }, () => ['--init']),
    [],
    ['--shared'],
    ['--init', '--shared'],
  ),
  isOfBase: fc.constantFrom(true, false, false, false, false),
  services: fc.array(shapes, { minLength: 1, maxLength: 3 }),
  plan: fc.constantFrom(...plans),
  command: commands,
  apt: fc.nat(),
  isApt: fc.constantFrom(true, true, true, true, true, false),
  isAll: fc.constantFrom(true, false, false, false),
  writesDefaults: fc.constantFrom(true, true, true, false),
})

/** How many runs there were, how many of them wrote, and by which commands. */
export type Tally = { runs: number; written: number; overlays: number; readonly commands: Map<string, number> }

/** Holds the property for so many runs; throws where one breaks it. */
export function holdGuarded({ seed, numRuns }: { readonly seed: number; readonly numRuns: number }): Tally {
  const tally: Tally = { runs: 0, written: 0, overlays: 0, commands: new Map() }
  fc.assert(
    fc.property(runs, (run) => {
      const words = wordsOf(run)
      const [name = ''] = words
      const command = [name, ...words.filter((word) => word === '--overlay' || word === '--init')].join(' ')
      const isWritten = holds(run, words)
      tally.runs++
      if (run.overlays.length > 0) tally.overlays++
      if (isWritten) tally.written++
      if (isWritten) tally.commands.set(command, (tally.commands.get(command) ?? 0) + 1)
    }),
    { seed, numRuns },
  )
  return tally
}

function wordsOf({ services: [first], command, apt, isApt, isAll, writesDefaults, ...where }: Run): readonly string[] {
  const fitting = first && isApt ? aptFor(first) : []
  const [overlay] = where.isOfBase ? [] : where.overlays
  const name = `${overlay?.prefix ?? ''}${names[0]}`
  const words = (fitting[apt % fitting.length] ?? command).map((word) =>
    word.includes('=') ? word.replace('{{.Service}}', name) : word,
  )
  const isOne = !isAll || words.some((word) => word.startsWith(`${names[0]}-`))
  return [
    ...words,
    ...(isOne ? ['--service', names[0]] : ['--all']),
    ...(overlay ? ['--overlay', `overlays/${environments[0]}`, ...where.reach] : []),
    '--write',
    // The container is seldom where an overlay has its traffic.
    ...(writesDefaults && (!overlay || apt % 5 === 0) ? ['--write-defaults'] : []),
  ]
}

function holds({ services, plan, overlays: over }: Run, words: readonly string[]): boolean {
  const box = new Sandbox()
  const tree = (write: (shape: Shape, name: string) => string): Readonly<Record<string, string>> =>
    over.length === 0 ? treeOf(services, write) : overlaid(treeOf(services, write), services, over)
  try {
    box.git('init', '--quiet')
    box.write({ ...tree(older), ...(plan !== '' && { '.kn-rollout.yaml': plan }) })
    box.commit()
    box.write({ ...tree(textOf), 'README.md': 'more\n' })
    box.commit()
    box.write(tree(edited))
    const before = errorsIn(box)
    const untouched = box.snapshot()
    const ran = box.run(words)
    const isWritten = Object.entries(box.snapshot()).some(([file, text]) => untouched[file] !== text)
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

/** The files as a base, and the overlays that build upon it. */
function overlaid(
  base: Readonly<Record<string, string>>,
  [first]: readonly Shape[],
  all: readonly Overlay[],
): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    'base/kustomization.yaml': `resources: [${Object.keys(base).join(', ')}]\n`,
  }
  for (const [file, text] of Object.entries(base)) files[`base/${file}`] = text
  for (const [index, { prefix, hasImages, own }] of all.entries()) {
    const folder = `overlays/${environments[index] ?? ''}`
    const text = first ? textOf(first, names[0]) : ''
    const patch = own === 'whole' ? text : text.replace(/ {2}template:[^]*?(?= {2}traffic:|$)/, '')
    const lists = {
      none: '',
      file: 'patches:\n  - path: traffic.yaml\n',
      'old style': 'patchesStrategicMerge: [traffic.yaml]\n',
      inline: `patches:\n  - patch: |-\n${patch.trimEnd().replaceAll(/^/gm, '      ')}\n`,
      whole: 'patches:\n  - path: traffic.yaml\n',
    }
    files[`${folder}/kustomization.yaml`] = [
      `resources:\n  - ../../base\nnamespace: ${environments[index] ?? ''}\n`,
      prefix === '' ? '' : `namePrefix: ${prefix}\n`,
      lists[own],
      hasImages ? 'images:\n  - name: example.com/shop\n    newTag: "1.0"\n' : '',
    ].join('')
    if (own !== 'none' && own !== 'inline') files[`${folder}/traffic.yaml`] = patch
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
  return (
    (JSON.parse(stdout) as Report).diagnostics
      .filter(({ severity }) => severity === 'error')
      // What stands in a base moves to the patch that an overlay is given.
      .map(({ code, file, path, service }) => [code, file?.includes('/') ? '' : file, path, service].join(' '))
  )
}
