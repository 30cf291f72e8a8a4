// Runs programs side by side, in turns, so that a busy machine is unfair to all of them alike.
import { spawnSync } from 'node:child_process'

const meter = `data:text/javascript,process.on('exit',()=>process.stderr.write('\\npeak '+process.resourceUsage().maxRSS))`

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function run([program, ...args], folder) {
  const begin = performance.now()
  const { status, error, stderr } = spawnSync(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 30,
  })
  const milliseconds = performance.now() - begin
  if (error || status !== 0) throw error ?? new Error(`${program} ${args.join(' ')}: ${status}\n${stderr}`)
  return milliseconds
}

/** The times of each contender, one a round, as `{ [name]: [milliseconds, …] }`. */
export function race(contenders, { folder, rounds, warmUps = 2 }) {
  const names = Object.keys(contenders)
  const times = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = -warmUps; round < rounds; round++) {
    // every other round runs the other way round: whoever comes second finds warmer caches
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const milliseconds = run(contenders[name], folder)
      if (round >= 0) times[name].push(milliseconds)
    }
  }
  return times
}

/** The median over the rounds of what a contender took, as a multiple of what `budget` makes of the same round. */
export function ratio(times, name, budget) {
  return median(
    times[name].map(
      (own, round) => own / budget(Object.fromEntries(Object.entries(times).map(([one, all]) => [one, all[round]]))),
    ),
  )
}

/** The peak memory of a Node program in MB. */
export function peakMemory([program, ...args], folder) {
  const { stderr } = spawnSync(program, ['--import', meter, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  return Number(/\npeak (\d+)$/.exec(stderr)?.[1]) / 1024
}
