// Builds dist/ where the package is installed from Git. `npm install --global` of a Git repository, which is what
// pre-commit does, has npm install the packages of the build globally as well, out of reach: then they are installed here.
import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const env = { ...process.env, npm_config_global: 'false' }
if (!existsSync('node_modules/esbuild'))
  execSync('npm ci --include=dev --ignore-scripts --no-audit --no-fund', { env, stdio: 'inherit' })
execSync('npm run --silent build', { env, stdio: 'inherit' })
