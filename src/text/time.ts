/** The farthest moment that a Date holds, in seconds. */
const end = 8_640_000_000_000

/** A moment (seconds since 1970) to the minute, the same everywhere: `2026-11-22T06:15Z`. */
export function utcMinute(seconds: number): string {
  return momentOf(seconds).replace(/:\d\d\.\d{3}Z$/, 'Z')
}

/** The same to the second, for programs: `2026-11-22T06:15:59Z`. */
export function utcSecond(seconds: number): string {
  return momentOf(seconds).replace('.000Z', 'Z')
}

/** What no Date can hold becomes the farthest moment that one can. */
function momentOf(seconds: number): string {
  return new Date(Math.max(-end, Math.min(end, Math.floor(seconds))) * 1000).toISOString()
}

/** A stretch of whole seconds as people write it: `1h30m`, `45s`. */
export function durationText(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const parts = [hours > 0 ? `${hours}h` : '', minutes > 0 ? `${minutes}m` : '', rest > 0 ? `${rest}s` : '']
  return parts.join('') || '0s'
}
