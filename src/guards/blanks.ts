/** What leaves guards silent for want of knowledge, and is said instead: one row a code. */
export const blanks = {
  KN520: { severity: 'note', title: 'not checked: the older side of a Service cannot be read' },
  KN521: { severity: 'note', title: 'not checked: the history of a Service is not known whole' },
} as const
