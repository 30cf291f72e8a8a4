/** The formats of a report. To add one: a file beside this one, and a row here. */
export const formatNames = ['text', 'json'] as const

export type Format = (typeof formatNames)[number]
