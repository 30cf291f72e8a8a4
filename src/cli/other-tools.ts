import { stageNamed, stages } from '../stages/stages.js'
import { nearest, type Shell, wordFor } from '../text/words.js'

/** What other tools call a command of this program. */
const commands: Readonly<Record<string, string>> = {
  lint: 'validate',
  verify: 'validate',
  vet: 'validate',
  list: 'status',
  ls: 'status',
  get: 'status',
  describe: 'status',
  update: 'set',
  'update-traffic': 'set',
  traffic: 'set',
  deploy: 'release',
  step: 'next',
  advance: 'next',
  fix: 'validate --fix',
  init: 'create',
  new: 'create',
}

/** What was typed for a command that there is not, the words behind it, and the shell that it was typed into. */
type Typed = { readonly word: string; readonly rest: readonly string[]; readonly shell: Shell }

/** What to type for a command that there is not: a stage, a command by the name of another tool, or one that is misspelt. */
export function commandFor({ word, rest, shell }: Typed, known: readonly string[]): string | undefined {
  const run = (...words: readonly string[]): string =>
    `run \`kn-rollout ${[...words, ...rest].map((one) => wordFor(one, shell)).join(' ')}\``
  if (word === 'undo' || word === 'abort') return run('apply', 'rollback')
  const other = Object.hasOwn(commands, word) ? commands[word] : undefined
  if (other !== undefined) return run(...other.split(' '))
  if (stageNamed(word)) return run('apply', word)
  const close = nearest(word, [...known, ...stages.map(({ name }) => name)])
  if (close === undefined) return undefined
  return stageNamed(close) ? `did you mean \`kn-rollout apply ${close}\`?` : `did you mean \`${close}\`?`
}

const dryRun = 'nothing is changed without `--write`: leave it out to see the diff'
const file = 'name the file without an option, such as `shop.yaml`'
const shares = 'use `kn-rollout set` with `--traffic REVISION=PERCENT`'

/** What to type for an option of kn, kubectl or gcloud. */
const options: Readonly<Record<string, string>> = {
  '--dry-run': dryRun,
  '-f': file,
  '--filename': file,
  '--file': file,
  '--to-revisions': `${shares}, such as \`--traffic shop-v1=90,shop-v2=10\``,
  '--to-latest': `${shares}, such as \`--traffic @latest=100\``,
  '--to-tags': `${shares}: a tag works in place of a revision, such as \`--traffic v2=10\``,
  '--set-tags': 'use `kn-rollout set` with `--tag REVISION=TAG`',
  '--update-tags': 'use `kn-rollout set` with `--tag REVISION=TAG`',
  '--remove-tags': 'use `kn-rollout set` with `--untag TAG`',
  '--min-scale': 'use `--scale-min`',
  '--max-scale': 'use `--scale-max`',
  '--min-instances': 'use `--scale-min`',
  '--max-instances': 'use `--scale-max`',
  '--concurrency': 'use `--concurrency-limit`',
  '--set-env-vars': 'use `--env NAME=VALUE`',
  '--update-env-vars': 'use `--env NAME=VALUE`',
  '--no-traffic': 'use `kn-rollout release`: it previews the new revision at 0%',
  '--yes': 'leave it out: `kn-rollout` never prompts',
  '-y': 'leave it out: `kn-rollout` never prompts',
}

/** What to type for an option that a command does not have, where another tool has it. */
export function optionFor(flag: string): string | undefined {
  return Object.hasOwn(options, flag) ? options[flag] : undefined
}
