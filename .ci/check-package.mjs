// Packs the package as it would be published and has publint and attw look at it. Build first.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-package-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

function run(program, ...args) {
  const env = { ...process.env, KN_ROLLOUT_BUILT: '1' }
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (status === 0) return stdout
  console.error(`${program} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`)
  return process.exit(1)
}

const [{ filename }] = JSON.parse(run('npm', 'pack', '--json', '--pack-destination', folder))
const tarball = path.join(folder, filename)
run(process.execPath, 'node_modules/publint/src/cli.js', 'run', tarball, '--strict')
run(process.execPath, 'node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--no-emoji')
