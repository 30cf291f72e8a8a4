import type { Revision, TrafficTarget } from '../manifest/traffic.js'

/** The revisions that the targets name, each once, in the order of the file. */
export function namesIn(traffic: readonly TrafficTarget[]): readonly string[] {
  return [...new Set(traffic.flatMap(({ revision }) => ('name' in revision ? [revision.name] : [])))]
}

export function isName(revision: Revision, name: string): boolean {
  return 'name' in revision && revision.name === name
}

/** The end of a message that lacks a role: what there is to choose from. */
export function namedIn(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (\`spec.traffic\` names ${names.map((name) => `\`${name}\``).join(', ')})`
}
