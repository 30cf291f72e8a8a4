import type { Severity } from '../text/diagnostic.js'

/** What there is to say of kustomizations where traffic is moved: one row a code. */
export const reachRemarks = {
  KN605: { severity: 'note', title: 'a Service whose traffic another controller owns' },
  KN606: { severity: 'warning', title: 'an edit that an overlay overrules' },
  KN607: { severity: 'warning', title: 'an edit that changes several overlays' },
  KN608: { severity: 'note', title: 'a part of a kustomization that was not checked' },
  KN609: { severity: 'warning', title: 'an image that an overlay decides on' },
} as const satisfies Readonly<Record<string, { severity: Severity; title: string }>>
