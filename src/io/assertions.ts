import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { kustomizationNames } from '../kustomize/names.js'
import { repositoryRoot } from './git/root.js'

const kuttl = /^\d+-(?:assert|errors?)(?:-[^.]*)?\.ya?ml$/i
const chainsaw = /^(?:.*-)?(?:assert|errors?)(?:-[^.]*)?\.ya?ml$/i
const suites = ['kuttl-test.yaml', 'kuttl-test.yml']
const tests = ['chainsaw-test.yaml', 'chainsaw-test.yml']
const step = /^\d+-(?!assert|error)[^.]*\.ya?ml$/i

/**
 * Whether a file is what a test of kuttl or chainsaw compares live objects with: by its name, and only where a definition
 * of such a test stands beside it, or a suite above its steps. What a kustomization names is applied, whatever its name.
 */
export function isAssertion(place: string): boolean {
  const [folder, name] = [path.dirname(place), path.basename(place)]
  if (!chainsaw.test(name) || isNamedBeside(folder, name)) return false
  if (tests.some((one) => existsSync(path.join(folder, one)))) return true
  return kuttl.test(name) && isKuttlTest(folder)
}

function isNamedBeside(folder: string, name: string): boolean {
  return kustomizationNames.some((one) => {
    const file = path.join(folder, one)
    return existsSync(file) && readFileSync(file, 'utf8').includes(name)
  })
}

function isKuttlTest(folder: string): boolean {
  const top = repositoryRoot(folder) ?? folder
  for (let above = folder; ; above = path.dirname(above)) {
    if (suites.some((one) => existsSync(path.join(above, one))))
      return readdirSync(folder).some((one) => step.test(one))
    if (above === top || above === path.dirname(above)) return false
  }
}
