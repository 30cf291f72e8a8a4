import { isObject, type Json } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { formatPath, type Path } from '../text/path.js'
import { quoted, valueAt } from './fields.js'
import { once } from './once.js'
import type { Finding } from './rule.js'

/** The servers that take Knative Services, by the name of their rules. */
export const profileNames = ['knative', 'cloudrun'] as const

/** Whose rules judge a Service: those of a stock Knative, or those of Cloud Run. */
export type Profile = (typeof profileNames)[number]

/** What a server does not mind, though a stock Knative does. */
type Relaxation = {
  readonly code: string
  /** The fields that it is about, by their path; all of them without it. */
  readonly field?: RegExp
  /** The values that the server takes, null where there is none; all of them without it. */
  readonly takes?: (value: Json) => boolean
  /** What must be where the server does not take the value either. */
  readonly must?: string
}

const anEmail = /^[^@\s]+@[^@\s]+$/
/** The number or the id of a project, which can belong to a domain: `example.com:shop`. */
const aProject = /^(?:[a-z0-9.-]+:)?[a-z0-9-]+$/
const text =
  (pattern: RegExp) =>
  (value: Json): boolean =>
    typeof value === 'string' && pattern.test(value)

/** What each server takes besides what a stock Knative does. Traffic has no row: its rules are the same everywhere. */
const relaxations: Readonly<Record<Profile, readonly Relaxation[]>> = {
  knative: [],
  cloudrun: [
    { code: 'KN201', field: /^metadata\.namespace$/, takes: (value) => typeof value === 'number' },
    { code: 'KN202', field: /^spec\.template\.spec\.volumes\[\d+\]\.nfs$/ },
    { code: 'KN325' },
    { code: 'KN326' },
    { code: 'KN332', takes: text(aProject) },
    { code: 'KN339' },
    { code: 'KN354' },
    {
      code: 'KN360',
      takes: (value) => typeof value === 'number' && value >= 0 && value <= 3600,
      must: 'be 0 to 3600 on Cloud Run',
    },
    { code: 'KN362', takes: text(anEmail) },
    { code: 'KN364', field: /\.nodeSelector$/ },
    { code: 'KN378' },
    { code: 'KN392', field: /\.csi$/ },
    { code: 'KN392', field: /\.volumes\[\d+\]$/, takes: isNetworkShare },
  ],
}

/** A volume that is an NFS share and nothing else. */
function isNetworkShare(value: Json): boolean {
  if (!isObject(value)) return false
  const sources = Object.keys(value).filter((key) => key !== 'name' && value[key] !== null)
  return sources.length === 1 && sources[0] === 'nfs'
}

/** Keys of Google's own: no other server reads them. */
const googleKey = /^(?:run|cloud)\.googleapis\.com\//
const tellingPlaces: readonly Path[] = [
  ['metadata', 'annotations'],
  ['metadata', 'labels'],
  ['spec', 'template', 'metadata', 'annotations'],
  ['spec', 'template', 'metadata', 'labels'],
  ['spec', 'template', 'spec', 'nodeSelector'],
]

/** The first key in a Service that asks for the rules of Cloud Run. */
export const tellingKey = once(({ value }: Pick<Manifest, 'value'>): Path | undefined => {
  for (const path of tellingPlaces) {
    const found = valueAt(value, path)
    const key = isObject(found) ? Object.keys(found).find((one) => googleKey.test(one)) : undefined
    if (key !== undefined) return [...path, key]
  }
  return undefined
})

/** Whose rules a Service asks for by the keys in it. */
export function profileOf(manifest: Pick<Manifest, 'value'>): Profile {
  return tellingKey(manifest) ? 'cloudrun' : 'knative'
}

/** A finding of a stock Knative as the server sees it: the same, in other words, or undefined where it does not mind. */
export function relaxed<Found extends Finding>(
  { value }: Pick<Manifest, 'value'>,
  profile: Profile,
  code: string,
  finding: Found,
): Found | undefined {
  const own = relaxations[profile].filter((row) => row.code === code)
  if (own.length === 0) return profile === 'knative' ? finding : elsewhere(finding)
  const path = formatPath(finding.path)
  const found = valueAt(value, finding.path) ?? null
  const rows = own.filter((row) => row.field?.test(path) ?? true)
  if (rows.some(({ takes }) => takes?.(found) ?? true)) return undefined
  const must = rows.find((row) => row.must !== undefined)?.must
  if (must === undefined) return profile === 'knative' ? finding : elsewhere(finding)
  const { help: _, ...rest } = finding
  return { ...rest, message: `${quoted(finding.path)} must ${must}, but is ${JSON.stringify(found)}` } as Found
}

/** Words about stock clusters and their feature flags, where there is neither. */
function elsewhere<Found extends Finding>(found: Found): Found {
  const { flag: _, ...finding } = found
  return { ...finding, message: finding.message.replace(' on a stock cluster', ' on Cloud Run') } as Found
}
