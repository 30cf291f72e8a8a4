// Runs tests with the Node of each supported line: `node .ci/nodes.mjs [PATTERN…]`, by default those of the command line.
// Ends with one line that counts.
//
// The programs come from the lock file in .ci/nodes, and are fetched when they are first needed: whoever only installs the
// packages of this project does not load half a gigabyte of them.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('nodes/', import.meta.url))
const patterns = process.argv.slice(2)
const read = (name) => JSON.parse(readFileSync(`${folder}${name}`, 'utf8'))

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(`skipped: there are programs of each line for Linux on x64 only, and this is ${process.platform} on ${process.arch}`)
  console.log('0 passed, 0 failed')
  process.exit(0)
}

const lines = Object.entries(read('package.json').devDependencies).map(([name, wanted]) => {
  return { name, version: wanted.split('@').at(-1), node: `${folder}node_modules/${name}/bin/node` }
})

function isThere({ name, version }) {
  const place = `node_modules/${name}/package.json`
  return existsSync(folder + place) && read(place).version === version
}

if (!lines.every(isThere)) {
  const { status } = spawnSync('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) process.exit(1)
}

let [passed, failed] = [0, 0]
for (const { node, version } of lines) {
  console.log(`\nNode ${version}`)
  for (const pattern of patterns.length > 0 ? patterns : ['cli/']) {
    const { status, stdout } = spawnSync(node, ['test/run.mjs', pattern], {
      cwd: fileURLToPath(new URL('../', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    })
    const [, good, bad] = /(\d+) passed, (\d+) failed\n$/.exec(stdout) ?? [0, 0, 1]
    console.log(stdout.replace(/\n\d+ passed, \d+ failed\n$/, '').trimEnd())
    passed += Number(good)
    failed += Number(bad) + (status !== 0 && Number(bad) === 0 ? 1 : 0)
  }
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
