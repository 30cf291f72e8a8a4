// Runs tests with the Node of each supported line. Ends with one line that counts all of them.
//
//   node .ci/nodes.mjs               the tests of the command line, on each
//   node .ci/nodes.mjs --whole=24    all tests on that one, and on the others what another Node can change
//   node .ci/nodes.mjs PATTERN       the files whose name holds PATTERN, on each
//
// The programs come from the lock file in .ci/nodes, and are fetched when they are first needed: whoever only installs the
// packages of this project does not load half a gigabyte of them.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('nodes/', import.meta.url))
const root = fileURLToPath(new URL('../', import.meta.url))
const [, , word = 'cli/'] = process.argv
const [, whole] = /^--whole=(\d+)$/.exec(word) ?? []
const read = (name) => JSON.parse(readFileSync(`${folder}${name}`, 'utf8'))

/** The programs of the lines; where there are none for this machine, the one that runs this. */
function programs() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const here = `${process.platform} on ${process.arch}`
    console.log(
      `skipped: the lines come as programs for Linux on x64, and this is ${here}; Node ${process.version} runs the tests`,
    )
    return [{ line: whole, version: process.version, node: process.execPath }]
  }
  const lines = Object.entries(read('package.json').devDependencies).map(([name, wanted]) => {
    const line = name.replace('node-', '')
    return { name, line, version: wanted.split('@').at(-1), node: `${folder}node_modules/${name}/bin/node` }
  })
  const isThere = ({ name, version }) => {
    const place = `node_modules/${name}/package.json`
    return existsSync(folder + place) && read(place).version === version
  }
  if (lines.every(isThere)) return lines
  const install = ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status === 0) return lines
  throw new Error('the programs of the lines could not be installed')
}

let [passed, failed] = [0, 0]
for (const { line, version, node } of programs()) {
  console.log(`\nNode ${version}`)
  const pattern = whole === undefined ? word : line === whole ? '' : '--lines'
  const { status, stdout } = spawnSync(node, ['test/run.mjs', pattern], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  const [, good, bad] = /(\d+) passed, (\d+) failed\n$/.exec(stdout) ?? [0, 0, 1]
  // One line counts, and it is the last.
  console.log(stdout.replace(/\n\d+ passed, \d+ failed\n$/, '').trimEnd())
  passed += Number(good)
  failed += status !== 0 && Number(bad) === 0 ? 1 : Number(bad)
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
