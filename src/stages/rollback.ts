import { sameRevision } from '../manifest/traffic.js'
import { drain, withPinned, withShare } from './shares.js'
import { isRefusal, type Stage } from './stage.js'

/** Sends everything back to the stable revision, from whatever state the file is in. Routes and their tags stay. */
export const rollback: Stage = {
  name: 'rollback',
  summary: 'send all traffic back to the stable revision, from any state',
  result: 'stable 100, candidate 0',
  apply({ traffic, stable }) {
    if (isRefusal(stable)) return stable
    const drained = drain(withPinned(traffic, stable), ({ revision }) => !sameRevision(revision, stable))
    return withShare(drained, stable, 100)
  },
}
