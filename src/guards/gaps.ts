import type { Past } from '../manifest/past.js'

/** Whether a part of the history is not known, so that what is not in it may still have been. It takes all of it to tell. */
export function hasGaps(past: Past): boolean {
  const { isCut, unread } = past.gaps()
  return isCut || unread > 0
}
