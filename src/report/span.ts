const units = [
  { sign: 'd', seconds: 86_400 },
  { sign: 'h', seconds: 3600 },
  { sign: 'm', seconds: 60 },
] as const

/** A stretch of seconds at a glance, in the two largest units that it fills: `3d 4h`, `12m`, `<1m`. */
export function spanText(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds))
  const parts = units.map((unit) => {
    const count = Math.floor(rest / unit.seconds)
    rest -= count * unit.seconds
    return { count, sign: unit.sign }
  })
  const first = parts.findIndex(({ count }) => count > 0)
  if (first < 0) return '<1m'
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ count, sign }) => `${count}${sign}`)
    .join(' ')
}

/** A stretch that is still to come: rounded up, so that nobody looks too early. */
export function restText(seconds: number): string {
  return spanText(Math.ceil(seconds / 60) * 60)
}
