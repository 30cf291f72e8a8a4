import { sameRevision } from '../manifest/traffic.js'
import { quoted } from './fields.js'
import { filledTargets } from './parts.js'
import type { Rule } from './rule.js'

/**
 * A target that no request can reach: it has neither a share nor a tag. Such a target is not idle for nothing. It keeps
 * its revision from being collected, so it is the way back after a promotion or the way forward after a rollback, and a
 * rollout leaves exactly one beside the target that has everything: that one is passed over. Any other one (in the
 * midst of a split, a second one, one that repeats a revision) is worth knowing of, since it holds back the whole split
 * where its revision is missing. Whether it is wanted the file does not tell, so this is a note.
 */
export const idleTarget: Rule = {
  code: 'KN313',
  name: 'idle-target',
  severity: 'note',
  title: 'a target with neither a share nor a tag gets no requests',
  source: 'pkg/reconciler/route/traffic/traffic.go build',
  why: () =>
    'Without a share nothing is sent to the target, and without a tag it has no URL. It keeps its revision from being collected and little else, so remove it unless you may want to go back to it.',
  *check(manifest) {
    const targets = filledTargets(manifest) ?? []
    const idle = targets.filter(({ percent, tag }) => percent === 0 && tag === undefined)
    const serving = targets.find(({ percent }) => percent === 100)
    if (idle.length === 1 && serving && idle.every(({ revision }) => !sameRevision(revision, serving.revision))) return
    for (const { origin } of idle) {
      const path = ['spec', 'traffic', origin ?? 0]
      yield {
        message: `${quoted(path)} must have a \`percent\` or a \`tag\` to get requests, but has neither: it only keeps its revision from collection, and holds back the whole split if there is none`,
        help: 'remove it, unless you may go back to it',
        path,
      }
    }
  },
}
