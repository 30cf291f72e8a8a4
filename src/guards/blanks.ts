import type { CodeRow } from '../codes/code.js'
/** What leaves guards silent for want of knowledge, and is said instead: one row a code. */
export const blanks = {
  KN520: {
    name: 'base-not-checked',
    severity: 'note',
    title: 'not checked: the older side of a Service cannot be read',
    why: () =>
      'What the file said before the change cannot be told: it was no valid YAML, a template, no text, or held the Service twice. The newer side is judged as `validate` does; what compares both was left out. Read the diff with that in mind.',
  },
  KN521: {
    name: 'history-not-checked',
    severity: 'note',
    title: 'not checked: the history of a Service is not known whole',
    why: () =>
      'Whether a revision name is new, a revision was built or a stage has lasted can only be told by the whole history of the file. Of the rules that it names nothing was judged where the known part does not decide. Fetch the rest, and run again.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
