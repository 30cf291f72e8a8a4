import type { Argv, Options } from 'yargs'

/** An option as a command declares it. */
export type RecordedOption = {
  readonly name: string
  readonly alias?: string
  readonly summary: string
  readonly choices: readonly string[]
  readonly takesValue: boolean
  /** Whether it can be given more than once. */
  readonly isList: boolean
}

/** What a command declares, word by word. */
export type Declarations = {
  readonly options: ReadonlyMap<string, Options>
  readonly positionals: ReadonlyMap<string, Options>
  /** What it says besides of how its words are read, by the name of the method. */
  readonly others: ReadonlySet<string>
  readonly hidden: ReadonlySet<string>
}

/** Methods that only say something for people. */
const unread = new Set(['example', 'epilogue', 'hide'])

/** What a command declares, without yargs: that would parse and format for longer than a shell should wait. */
export function declarationsOf(declare: (yargs: Argv) => unknown): Declarations {
  const [options, positionals] = [new Map<string, Options>(), new Map<string, Options>()]
  const [others, hidden] = [new Set<string>(), new Set<string>()]
  const recorder: Argv = new Proxy({} as Argv, {
    get:
      (_, method) =>
      (name: unknown, declared: unknown): Argv => {
        if (method === 'option') options.set(String(name), declared as Options)
        else if (method === 'positional') positionals.set(String(name), declared as Options)
        else if (!unread.has(String(method))) others.add(String(method))
        if (method === 'hide') hidden.add(String(name))
        return recorder
      },
  })
  declare(recorder)
  return { options, positionals, others, hidden }
}

/** The options that a command declares and shows. */
export function recordedOptions(declare: (yargs: Argv) => unknown): readonly RecordedOption[] {
  const { options, hidden } = declarationsOf(declare)
  return [...options].filter(([name]) => !hidden.has(name)).map(([name, declared]) => recorded(name, declared))
}

function recorded(name: string, { alias, describe, type, choices, array, coerce }: Options): RecordedOption {
  return {
    name,
    ...(typeof alias === 'string' && { alias }),
    summary: describe ?? '',
    choices: Array.isArray(choices) ? choices.map(String) : [],
    takesValue: type !== 'boolean',
    isList: array === true || (coerce !== undefined && name === 'output'),
  }
}
