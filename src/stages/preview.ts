import { revisionText } from '../manifest/traffic.js'
import { place } from './place.js'
import { targetsOf } from './shares.js'
import { isRefusal, type Stage } from './stage.js'

/** Gives the candidate a route of its own and no share: it can be tested before anyone else meets it. */
export const preview: Stage = {
  name: 'preview',
  summary: 'give the candidate its own tagged route and no traffic',
  result: 'stable 100, candidate 0 with a tag',
  share: 0,
  apply(input) {
    const placed = place(input, 0)
    const { candidate } = input
    if (isRefusal(placed) || isRefusal(candidate)) return placed
    if (targetsOf(placed, candidate).some(({ tag }) => tag !== undefined)) return placed
    return {
      code: 'KN406',
      message: `\`${revisionText(candidate)}\` must have a tag to be previewed: at 0 percent nothing else reaches it`,
      help: 'name its route with --tag, for example --tag v2',
    }
  },
}
