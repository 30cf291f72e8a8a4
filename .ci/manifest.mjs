// Before npm packs, builds and takes out of package.json what only a clone of the repository can use: its scripts, of which
// npm warns wherever the package is installed, and the packages of the build. Afterwards, puts package.json back.
// Where package.json names no repository, the one of the clone is added: npm resolves the links of the README by it.
//
//   node .ci/manifest.mjs prepack | postpack
//
// With KN_ROLLOUT_BUILT=1 what is in dist/ is packed.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = `${root}node_modules/.cache/kn-rollout`
const [place, original] = [`${root}package.json`, `${folder}/package.json`]

/** Puts back what a run left behind that did not get to its end. */
function restore() {
  if (!existsSync(original)) return
  writeFileSync(`${original}.new`, readFileSync(original))
  renameSync(`${original}.new`, place)
  rmSync(original)
}

/** The repository on GitHub that this is published from: as its runner says, else the clone's own remote; none elsewhere. */
function repository() {
  const { GITHUB_REPOSITORY: own = '' } = process.env
  const remote = spawnSync('git', ['remote', 'get-url', 'origin'], { cwd: root, encoding: 'utf8' }).stdout ?? ''
  const name = own || /[/:@]github\.com[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?\s*$/.exec(`/${remote}`)?.[1]
  return name ? { repository: { type: 'git', url: `git+https://github.com/${name}.git` } } : {}
}

restore()
if (process.argv[2] === 'prepack') {
  if (process.env.KN_ROLLOUT_BUILT !== '1') await import('./prepare.mjs')
  mkdirSync(folder, { recursive: true })
  const text = readFileSync(place, 'utf8')
  const { scripts: _scripts, devDependencies: _packages, allowScripts: _allowed, ...published } = JSON.parse(text)
  writeFileSync(`${original}.new`, `${JSON.stringify({ ...repository(), ...published }, undefined, 2)}\n`)
  writeFileSync(original, text)
  renameSync(`${original}.new`, place)
}
