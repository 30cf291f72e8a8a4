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

/** Whether a change brings another template, so that the cluster makes another revision. */
export function isNewTemplate({ before, after }: { readonly before: Valued; readonly after: Valued }): boolean {
  return !sameJson(revisionOf(templateOf(before)), revisionOf(templateOf(after)))
}

export function templateOf({ value }: Valued): Json | undefined {
  return member(value, 'spec', 'template')
}

/** The revision that a cluster makes of a template, in a form in which equal ones are equal. */
export function revisionOf(template: Json | undefined): ReturnType<typeof templateAsGo> {
  return templateAsGo(liveTemplate(template))
}
