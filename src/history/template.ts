import type { ClusterSettings } from '../manifest/cluster-settings.js'
import { member, sameJson, type Json } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { templateAsGo } from '../rules/update/as-go.js'
import { liveTemplate } from '../rules/update/live.js'

type Valued = Pick<Manifest, 'value'>

export const ownNamePath = ['spec', 'template', 'metadata', 'name']

/** The name that the template gives its revision, if it gives one. */
export function ownName({ value }: Valued): string | undefined {
  const name = member(value, ...ownNamePath)
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** A Service before a change and after it, and what is set in the cluster that takes it. */
type Changed = { readonly before: Valued; readonly after: Valued; readonly settings?: ClusterSettings | undefined }

/** Whether a change brings another template, so that the cluster makes another revision. */
export function isNewTemplate({ before, after, settings }: Changed): boolean {
  return !sameJson(revisionOf(before, settings), revisionOf(after, settings))
}

export function templateOf({ value }: Valued): Json | undefined {
  return member(value, 'spec', 'template')
}

/** The revision that a cluster makes of a Service's template, in a form in which equal ones are equal. */
export function revisionOf({ value }: Valued, settings?: ClusterSettings): ReturnType<typeof templateAsGo> {
  return templateAsGo(liveTemplate(templateOf({ value }), settings, member(value, 'metadata')))
}
