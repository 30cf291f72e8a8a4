import { quoted, shown } from './fields.js'
import { filledTargets } from './parts.js'
import type { Rule } from './rule.js'
import { firstOf, templateAnnotations, templateText } from './template-metadata.js'

/**
 * A revision that a target names counts as reachable at any share, so its pods are kept at 0 % as well. Before a split
 * that may be just what is wanted, and after a rollback there is no time for it: a note, not a warning.
 */
export const idleScale: Rule = {
  code: 'KN314',
  name: 'idle-min-scale',
  severity: 'note',
  title: 'min-scale keeps pods running for a revision with 0 % of the traffic',
  source: 'pkg/reconciler/labeler, pkg/reconciler/autoscaling/kpa/scaler.go',
  why: () =>
    'The revision keeps its minimum of pods for as long as a target names it, requests or not. That is right shortly before it gets traffic and is paid for nothing afterwards.',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const scale = firstOf(annotations, 'autoscaling.knative.dev/min-scale', 'autoscaling.knative.dev/minScale')
    if (!scale || !/^\+?0*[1-9]\d*$/.test(scale.value)) return
    const name = templateText(manifest, 'name')?.value
    const own = (filledTargets(manifest) ?? []).filter(({ revision }) => {
      return 'latest' in revision || revision.name === name
    })
    if (own.length === 0 || own.some(({ percent }) => percent !== 0)) return
    yield {
      message: `${quoted(scale.path)} must be 0 for pods to run on request only, but is ${shown(scale.value)} while the template's revision has 0 % of the traffic`,
      help: 'let it be if the revision is about to get traffic; its pods are kept until then',
      path: scale.path,
    }
  },
}
