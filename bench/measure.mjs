// Runs programs side by side, in turns, so that a busy machine is unfair to all of them alike.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const meter = `data:text/javascript,process.on('exit',()=>process.stderr.write('\\npeak '+process.resourceUsage().maxRSS))`

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The Nodes to measure with: those of .ci/nodes that are installed, from 24 on; else the one that runs this. */
export function nodes() {
  const found = ['24', '26'].flatMap((line) => {
    const program = fileURLToPath(new URL(`../.ci/nodes/node_modules/node-${line}/bin/node`, import.meta.url))
    return existsSync(program) ? [{ line: `Node ${line}`, program }] : []
  })
  if (found.length > 0) return found
  console.log('skipped: Node 24 and 26 (`node .ci/nodes.mjs` installs them)')
  return [{ line: `Node ${process.version}`, program: process.execPath }]
}

const said = (tool, ...args) => spawnSync(tool, args, { encoding: 'utf8' }).stdout ?? ''

/**
 * Other tools that read such files, as far as they are on the PATH; of the others it is printed why they are not run.
 * Their exit codes do not count: they judge other things.
 */
export function peers() {
  const files = "git ls-files -z '*.yaml' '*.yml' | xargs -0"
  const known = {
    yq: [
      said('yq', '--version').includes('mikefarah'),
      'the one of mikefarah is not on the PATH',
      `${files} yq -N 'select(.kind == "Service") | .metadata.name'`,
    ],
    kubeconform: [
      said('kubeconform', '-v') !== '',
      'not on the PATH',
      `${files} kubeconform -summary -ignore-missing-schemas -schema-location ./none.json`,
    ],
    'kubectl kustomize': [
      said('kubectl', 'kustomize', '--help').includes('kustomization'),
      'no kubectl that has it is on the PATH',
      'kubectl kustomize .',
    ],
  }
  return Object.fromEntries(
    Object.entries(known).flatMap(([name, [isHere, reason, line]]) => {
      if (!isHere) console.log(`skipped: ${name} (${reason})`)
      return isHere ? [[name, ['sh', '-c', `${line} >/dev/null 2>&1; true`]]] : []
    }),
  )
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
