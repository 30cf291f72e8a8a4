import { printable } from '../text/printable.js'
import { isMisplaced } from '../stages/stages.js'
import { commands } from './commands.js'
import { recordedOptions, type RecordedOption } from './recorded-options.js'
import { positionals, values, type Asked, type Candidate } from './candidates.js'
import { print, type Terminal } from './terminal.js'
import { isPlainWord } from '../text/shell-word.js'

/**
 * Answers a shell: the words that can stand in place of the last one, a line each, with a tab and what it means. No
 * answer leaves it to the shell, which completes names of files.
 */
export async function complete(words: readonly string[], terminal: Terminal): Promise<number> {
  const typed = words[0] === '--' ? words.slice(1) : words
  const current = typed.at(-1) ?? ''
  const found = await candidates(typed.slice(0, -1), current, terminal)
  // Shells take what is offered as it is: a name in a file must not become a command.
  // One that begins with a dash would be an option of this program, where it is not one of its own.
  const fitting = found.filter(({ word, isName }) => {
    return word.startsWith(current) && isPlainWord(word) && !(isName === true && word.startsWith('-'))
  })
  await print(terminal, fitting.map(({ word, summary }) => `${word}\t${printable(summary)}\n`).join(''))
  return 0
}

async function candidates(
  [name, ...before]: readonly string[],
  current: string,
  terminal: Terminal,
): Promise<readonly Candidate[]> {
  if (name === undefined) {
    const rows = Object.entries(commands).map(([word, { summary }]) => ({ word, summary }))
    return [...rows, { word: '--help', summary: 'show help' }, { word: '--version', summary: 'show the version' }]
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) return []
  const options = recordedOptions(command.options)
  const { given, pending, isEnded } = read(before, options)
  const asked: Asked = { command: name, given, terminal }
  if (pending) return (await values(pending, asked, current)).map((one) => ({ ...one, isName: true }))
  const [, flag, value] = /^(--[\w-]+=)(.*)$/.exec(current) ?? []
  if (!isEnded && flag !== undefined) {
    const option = options.find((one) => flag === `--${one.name}=`)
    const found = option ? await values(option, asked, value ?? '') : []
    return found.map(({ word, summary }) => ({ word: `${flag}${word}`, summary }))
  }
  return !isEnded && current.startsWith('-') ? flags(options, asked) : positionals(asked)
}

type Given = Asked['given']

/** What the words before the current one say, and the option that still waits for its value. */
function read(
  words: readonly string[],
  options: readonly RecordedOption[],
): { readonly given: Given; readonly pending?: RecordedOption; readonly isEnded: boolean } {
  const given: (readonly [name: string, value: string])[] = []
  let pending: RecordedOption | undefined
  let isEnded = false
  for (const word of words) {
    const [, long, value] = /^--([\w-]+)(?:=(.*))?$/.exec(word) ?? []
    if (pending) {
      given.push([pending.name, word])
      pending = undefined
    } else if (isEnded || word === '-' || !word.startsWith('-')) given.push(['', word])
    else if (word === '--') isEnded = true
    else {
      const option = options.find((one) => one.name === long || `-${one.alias}` === word)
      if (option?.takesValue && value === undefined) pending = option
      else given.push([option?.name ?? long ?? word, value ?? ''])
    }
  }
  return { given, ...(pending && { pending }), isEnded }
}

function flags(options: readonly RecordedOption[], { command, given }: Asked): readonly Candidate[] {
  const stage = command === 'apply' ? given.find(([option]) => option === '')?.[1] : undefined
  const left = options.filter(({ name, isList }) => {
    if (stage !== undefined && isMisplaced(name, stage)) return false
    return isList || !given.some(([one]) => one === name)
  })
  const rows = left.map(({ name, summary }) => ({ word: `--${name}`, summary }))
  return [...rows, { word: '--help', summary: 'show help' }]
}
