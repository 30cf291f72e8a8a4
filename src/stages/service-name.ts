import type { Manifest } from '../manifest/manifest.js'
import type { Witnesses } from './move.js'
import type { Refusal } from './stage.js'

type Names = Pick<Witnesses, 'builtNames'>

/**
 * The name by which the cluster knows the Service that this traffic is for: the one that kustomizations build, else that in
 * the file.
 */
export function serviceName({ name }: Pick<Manifest, 'name'>, { builtNames }: Names): string {
  return fitting(builtNames?.traffic ?? []) ?? name
}

/** The same for a revision that the template and the traffic name, or why no name is one for all that is built. */
export function namingService({ name }: Pick<Manifest, 'name'>, { builtNames }: Names): string | Refusal {
  const names = [...new Set([...(builtNames?.traffic ?? []), ...(builtNames?.revision ?? [])])]
  return names.length === 0 ? name : (fitting(names) ?? severalNames('KN444', names))
}

/** The names that the revision of the template may start with: of the Services whose revision the file names, else its own. */
export function revisionOwners({ name }: Pick<Manifest, 'name'>, { builtNames }: Names): readonly string[] {
  const names = builtNames?.revision ?? []
  return names.length > 0 ? names : [name]
}

/** Why `{{.Service}}` stands for no name; undefined where it does. */
export function unclearService({ builtNames }: Names): Refusal | undefined {
  const names = builtNames?.traffic ?? []
  return names.length === 0 || fitting(names) !== undefined ? undefined : severalNames('KN409', names)
}

/** Whether the numbers of generated names belong to more than one Service. */
export function severalServices({ builtNames }: Names): Refusal | undefined {
  const names = builtNames?.traffic ?? []
  return names.length < 2 ? undefined : severalNames('KN444', names)
}

/** What starts with the longest name, `shop-blue`, starts with `shop` as well. */
function fitting(names: readonly string[]): string | undefined {
  const longest = names.reduce((a, b) => (b.length > a.length ? b : a), '')
  const isForAll = names.every((name) => name === longest || longest.startsWith(`${name}-`))
  return isForAll && longest !== '' ? longest : undefined
}

function severalNames(code: 'KN409' | 'KN444', names: readonly string[]): Refusal {
  const listed = names
    .toSorted()
    .slice(0, 3)
    .map((name) => `\`${name}\``)
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return {
    code,
    message: `a revision name must start with that of its Service, but kustomizations build ${listed.join(', ')}${more} from this file`,
    help: 'give each overlay a patch with its own `spec.template.metadata.name` and `spec.traffic`, and name one with --overlay',
  }
}
