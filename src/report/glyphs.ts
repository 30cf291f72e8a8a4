/** The signs of a report that not every terminal has. */
export type Glyphs = Readonly<
  Record<'stable' | 'candidate' | 'other' | 'ellipsis' | 'none' | 'atLeast' | 'arrow', string>
>

export const unicodeGlyphs: Glyphs = {
  stable: '█',
  candidate: '░',
  other: '▒',
  ellipsis: '…',
  none: '–',
  atLeast: '≥ ',
  arrow: '→',
}

/** For terminals that do not speak UTF-8. */
export const asciiGlyphs: Glyphs = {
  stable: '#',
  candidate: '-',
  other: '=',
  ellipsis: '..',
  none: '-',
  atLeast: '>= ',
  arrow: '->',
}
