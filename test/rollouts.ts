import type { FileHistory } from '../src/text/words.js'
import { service } from './cli/manifests.js'

/** The name of the Service that the tests roll out. */
export const name = 'example-service'

/** `v1=100 v2=0:tag` as the traffic of a Service whose template is named `revision`, if at all. */
export function at(targets: string, revision = '', label = name): string {
  const entries = targets.split(' ').flatMap((target) => {
    const [, to = '', percent = '', tag] = /^(\S+)=(\d+)(?::(\S+))?$/.exec(target) ?? []
    if (to === '') return []
    const where = to === '@latest' ? 'latestRevision: true' : `revisionName: ${label}-${to}`
    return [`    - ${where}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`]
  })
  const traffic = entries.length === 0 ? '' : `  traffic:\n${entries.join('')}`
  return service(traffic, { name: label, revision: revision === '' ? '' : `${label}-${revision}` })
}

/** The history of `shop.yaml`: commits `a000000…`, `b000000…`, oldest first, a minute apart. Without a text it was removed. */
export function committed(texts: readonly (string | undefined)[], isCut = false): ReadonlyMap<string, FileHistory> {
  const versions = texts.map((text, index) => {
    const version = { commit: 'abcdefgh'.charAt(index).padEnd(40, '0'), time: index * 60, path: 'shop.yaml', text }
    return text === undefined ? { ...version, isRemoved: true as const } : version
  })
  return new Map([['shop.yaml', { versions: versions.toReversed(), isCut }]])
}
