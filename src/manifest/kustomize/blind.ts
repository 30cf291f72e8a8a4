import { member } from '../json.js'
import type { Builds } from './builds.js'
import type { Built } from './built.js'
import { isRemote, placeOf, references, type Kustomization, type Reference } from './kustomization.js'

const fields = [
  'helmCharts',
  'helmChartInflationGenerator',
  'generators',
  'transformers',
  'replacements',
  'vars',
  'openapi',
  'configurations',
  'crds',
]

/** The fields of a kustomization that can have a say in what it builds and are not read. */
export function blindFields(part: Kustomization): readonly Reference[] {
  return fields.filter((key) => member(part.value, key) !== undefined).map((key) => ({ name: key, path: [key] }))
}

/** Whether all that has a say in a Service is read. */
export function isWhole({ through }: Built, builds: Builds): boolean {
  return through.every((part) => {
    const isThere = ({ name }: Reference): boolean => !isRemote(name) || builds.in(placeOf(part, name)) !== undefined
    return blindFields(part).length === 0 && references(part, 'components').every(isThere)
  })
}
