import { containersPath, defaultContainerNames } from '../manifest/container-names.js'
import { isList, isObject, member, type Json, type JsonObject } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import type { Refusal } from './stage.js'

/** A container of the template. */
export type Container = {
  readonly path: Path
  readonly value: JsonObject
  /** Its name, or the one that the cluster will give it. */
  readonly name: string
}

/** As much of a Service as has these containers. */
export function templateWith(containers: Json): JsonObject {
  return { spec: { template: { spec: { containers } } } }
}

/** The container that is meant: the one of that name, or the only one. */
export function findContainer(manifest: Pick<Manifest, 'value'>, wanted: string | undefined): Container | Refusal {
  const all = containersOf(manifest)
  const [first, second] = all
  if (!first) {
    return {
      code: 'KN440',
      message: '`spec.template.spec.containers` must have a container to be changed, but has none',
      help: 'name the file that holds the whole Service, with its containers',
    }
  }
  if (wanted === undefined && !second) return first
  const [found, other] = all.filter(({ name }) => name === wanted)
  if (found && !other) return found
  const names = all.map(({ name }) => `\`${name}\``).join(', ')
  return {
    code: 'KN440',
    message:
      wanted === undefined
        ? `the container must be named where there are several: ${names}`
        : `\`${wanted}\` must be the name of one container, but there are ${names}`,
    help: `choose with --container, for example --container ${first.name}`,
  }
}

/** The image of the container that takes the requests: the only one, or the one with a port. */
export function servingImage(manifest: Pick<Manifest, 'value'>): string | undefined {
  const all = containersOf(manifest)
  const serving = all.length === 1 ? all[0] : all.find(({ value }) => isFilled(member(value, 'ports')))
  const image = serving && member(serving.value, 'image')
  return typeof image === 'string' ? image : undefined
}

/** The containers that are mappings, with their names. */
export function containersOf({ value }: Pick<Manifest, 'value'>): readonly Container[] {
  const list = member(value, ...containersPath)
  if (!isList(list)) return []
  const own = list.map((item) => {
    const name = member(item, 'name') ?? ''
    return typeof name === 'string' ? name : undefined
  })
  const given = defaultContainerNames(own)
  return list.flatMap((item, index) => {
    const name = given[index] ?? own[index] ?? ''
    return isObject(item) ? [{ path: [...containersPath, index], value: item, name }] : []
  })
}

function isFilled(list: JsonObject[string] | undefined): boolean {
  return isList(list) && list.length > 0
}
