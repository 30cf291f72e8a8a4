// Random trees against what they must agree with:
//
//   npm run soak -- [--runs N] [--seed S] [--only builds|editing|writing]
import { parseArgs } from 'node:util'

import { holdGuarded } from '../cli/guarded-trees.js'
import { hasKubectl } from '../kubectl.js'
import { soakBuilds } from './builds.js'
import { soakEditing } from './editing.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})

/** What can be tried, each with the kind of trees that it takes; a run says what it found, and whether all of it is well. */
const properties: Readonly<Record<string, (runs: number, seed: number) => Promise<boolean>>> = {
  async builds(runs, seed) {
    if (!hasKubectl) {
      console.log('builds: skipped, since there is no kubectl')
      return true
    }
    const { counts, lines, shares } = await soakBuilds(runs, seed)
    for (const line of lines) console.log(line)
    console.log(
      `builds: ${runs} runs: ${Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}`,
    )
    for (const [name, share] of [...shares].toSorted(([, a], [, b]) => a - b))
      console.log(`  ${share.toFixed(1).padStart(5)} %  ${name}`)
    const isRare = [...shares.values()].some((share) => share < 5)
    if (isRare && runs >= 200) console.log('builds: a feature is in less than 5 % of the trees')
    return (
      counts.different + counts['only we refuse'] + counts['only kubectl refuses'] === 0 &&
      counts['not checked'] <= runs / 50
    )
  },
  editing(runs, seed) {
    const { counts, lines, shares } = soakEditing(runs, seed)
    for (const line of lines) console.log(line)
    const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
    console.log(`editing: ${runs} runs: ${counted.join(', ')}`)
    for (const [name, share] of [...shares].toSorted(([, a], [, b]) => a - b))
      console.log(`  ${share.toFixed(1).padStart(5)} %  ${name}`)
    const isRare = runs >= 10_000 && [...shares.values()].some((share) => share < 2)
    if (isRare) console.log('editing: a construct or a way is in less than 2 % of the files')
    return Promise.resolve(lines.length === 0 && !isRare)
  },
  writing(runs, seed) {
    // Throws at the first written tree that has an error in `check` that it did not have before.
    const { written, overlays, commands } = holdGuarded({ seed, numRuns: runs })
    const counted = [...commands].map(([command, count]) => `${command} ${count}`)
    console.log(`writing: ${runs} runs (${overlays} with overlays), ${written} of which write: ${counted.join(', ')}`)
    return Promise.resolve(written * 2 >= runs)
  },
}

let isWell = true
for (const [name, property] of Object.entries(properties))
  if (values.only === undefined || values.only === name)
    isWell = (await property(Number(values.runs), Number(values.seed))) && isWell
process.exitCode = isWell ? 0 : 1
