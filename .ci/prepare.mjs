// Builds dist/ where the package is installed from Git, and says nothing unless that fails. `npm install --global` of a Git
// repository, which is what pre-commit does, has npm install the packages of the build globally as well, out of reach: then
// they are installed here, by the npm that runs this.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// npm takes its settings from the folder that it runs in: that must be this package.
const cwd = fileURLToPath(new URL('../', import.meta.url))

function run(...args) {
  const env = { ...process.env, npm_config_global: 'false', npm_config_location: 'project' }
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`)
  process.exit(status ?? 1)
}

if (!existsSync(`${cwd}node_modules/rolldown`)) {
  const { npm_execpath: npm = '' } = process.env
  if (!/npm-cli\.[cm]?js$/.test(npm))
    throw new Error('run `npm ci --ignore-scripts` first: only npm can do it from here')
  run(npm, 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund')
}
for (const step of ['schemas/build.mjs', '.bundle.mjs', '.types.mjs']) run(step)
