import type { Share } from '../pipeline/status-row.js'
import type { Glyphs } from './glyphs.js'
import { sum } from '../text/sum.js'

/**
 * The shares as a bar of `width` cells. What has a share has a cell, however small it is, while there is room. Shares
 * that do not add up to 100 are drawn as parts of what they add up to.
 */
export function bar(shares: readonly Share[], width: number, glyphs: Glyphs): string {
  const parts = shares.map(({ percent }) => Math.max(0, percent))
  const whole = sum(parts)
  if (whole === 0) return ' '.repeat(width)
  const cells = parts.map((part) => (part === 0 ? 0 : Math.max(1, Math.round((part / whole) * width))))
  for (let left = width - sum(cells); left !== 0; left = width - sum(cells)) {
    const widest = cells.indexOf(Math.max(...cells))
    if (left < 0 && cells[widest] === 1) break
    cells[widest] = (cells[widest] ?? 0) + Math.sign(left)
  }
  const drawn = cells.map((count, index) => glyphs[glyphFor(shares, index)].repeat(count)).join('')
  return drawn.slice(0, width)
}

/** Without a candidate the revisions take turns, so that neighbours differ. */
function glyphFor(shares: readonly Share[], index: number): 'stable' | 'candidate' | 'other' {
  if (shares.some(({ role }) => role === 'candidate')) return shares[index]?.role ?? 'other'
  return (['stable', 'other', 'candidate'] as const)[index % 3] ?? 'other'
}

/** The percents in the same order: `70/30`. */
export function sharesText(shares: readonly Share[]): string {
  return shares.map(({ percent }) => percent).join('/')
}
