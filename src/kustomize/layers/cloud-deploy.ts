import { folderOf, resolvePath } from '../../text/path.js'
import type { SourceFile } from '../../text/source.js'
import { member } from '../../yaml/json.js'
import {
  type Applied,
  type Applier,
  itemsOf,
  type Laid,
  type LayerKind,
  noLayers,
  type Part,
  plainFolder,
  textAt,
  textsAt,
} from './layer.js'

/** A skaffold configuration that deploys to Cloud Run: Cloud Deploy renders the manifests that it lists, and applies them. */
export const cloudDeploy: LayerKind = {
  sign: 'skaffold/',
  isOf(value) {
    const version = member(value, 'apiVersion')
    return typeof version === 'string' && version.startsWith('skaffold/') && member(value, 'kind') === 'Config'
  },
  read: configIn,
}

function configIn(object: Part, file: SourceFile): Applied {
  const profiles = itemsOf(object, 'profiles')
  const appliers = [object, ...profiles].flatMap((part) => {
    const profile = part === object ? undefined : textAt(part, 'name')?.value
    const name = [textAt(object, 'metadata', 'name')?.value ?? '', profile].filter((one) => one !== undefined).join('/')
    const listed = [...textsAt(part, 'manifests', 'rawYaml'), ...textsAt(part, 'manifests', 'kustomize', 'paths')]
    return listed.flatMap((told) => applierOf(told, name, file))
  })
  const charts = [object, ...profiles].flatMap((part) => itemsOf(part, 'manifests', 'helm', 'releases'))
  return {
    appliers,
    notRead: charts.map((chart) => ({ ...chart.at([]), what: 'a Helm chart', isAside: true as const })),
  }
}

/** What skaffold lists is relative to the folder of its file. */
function applierOf({ value, spot }: Laid<string>, name: string, file: SourceFile): readonly Applier[] {
  const path = resolvePath(folderOf(file.patchPath ?? file.path), value)
  if (path.startsWith('..') || value.includes('://')) return []
  return [
    {
      controller: 'Cloud Deploy',
      kind: 'Config',
      name,
      ...spot,
      path,
      directory: plainFolder,
      layers: noLayers,
      settings: [],
    },
  ]
}
