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

/** The options that a command declares, without yargs: that would parse and format for longer than a shell should wait. */
export function recordedOptions(declare: (yargs: Argv) => unknown): readonly RecordedOption[] {
  const found: RecordedOption[] = []
  const hidden = new Set<string>()
  const recorder: Argv = new Proxy({} as Argv, {
    get: (_, method) => {
      if (method === 'option')
        return (name: string, declared: Options): Argv => {
          found.push(recorded(name, declared))
          return recorder
        }
      return (name: unknown): Argv => {
        if (method === 'hide') hidden.add(String(name))
        return recorder
      }
    },
  })
  declare(recorder)
  return found.filter(({ name }) => !hidden.has(name))
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
