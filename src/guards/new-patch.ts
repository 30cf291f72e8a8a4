import type { Guard } from './guard.js'

/** A kustomization that calls a whole Service a patch: what is for whole Services is no longer looked for in it. */
export const newPatch: Guard = {
  code: 'KN526',
  name: 'new-patch',
  severity: 'warning',
  title: 'Change makes a Service a kustomize patch',
  why: () =>
    'A patch is laid over a Service that is somewhere else, so fields that it does not have are no fault of it. If the file is still applied by itself, what is missing or wrong in it stays unseen. Check what applies it before you merge.',
  *check({ before, after }) {
    if (before.file.isPatch || !after.file.isPatch) return
    yield {
      message: `\`${after.label}\` is named as a patch from this change on: it is checked only for the fields that it has`,
      help: 'check that no Argo CD Application or Flux Kustomization still applies this file by itself',
      path: ['metadata', 'name'],
    }
  },
}
