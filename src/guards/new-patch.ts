import type { Guard } from './guard.js'

/** A kustomization that calls a whole Service a patch: what is for whole Services is no longer looked for in it. */
export const newPatch: Guard = {
  code: 'KN526',
  severity: 'warning',
  title: 'Change makes a Service a kustomize patch',
  *check({ before, after }) {
    if (before.file.isPatch || !after.file.isPatch) return
    yield {
      message: `\`${after.label}\` is named as a patch from this change on: it is checked only for the fields that it has`,
      help: 'check that no Argo CD Application or Flux Kustomization still applies this file by itself',
      path: ['metadata', 'name'],
    }
  },
}
