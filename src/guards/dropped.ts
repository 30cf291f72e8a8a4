import type { Guard, Passage } from './guard.js'
import { latestShare, namesOf, shareOfName, targetsOf } from './targets.js'

/** Requests that were served a moment ago go elsewhere at once, and nobody can go back by a change of percents. */
export const dropped: Guard = {
  code: 'KN512',
  severity: 'warning',
  title: 'a revision must not leave the list while it has traffic',
  *check(passage) {
    for (const { name, share, isReplaced } of leaving(passage)) {
      if (isReplaced) continue
      yield {
        message: `\`spec.traffic\` must not lose \`${name}\` while it has traffic, but that had ${share} percent before this change`,
        help: `set it to \`percent: 0\` first, and remove it in a later commit`,
        path: ['spec', 'traffic'],
        part: 'key',
      }
    }
  },
}

/** The way back is dropped by the very commit after which it may be needed. */
export const noWayBack: Guard = {
  code: 'KN513',
  severity: 'warning',
  title: 'a promotion must keep the way back',
  source: 'pkg/reconciler/gc (a revision without a target is collected)',
  *check(passage) {
    for (const { name, share, isReplaced } of leaving(passage)) {
      if (!isReplaced) continue
      yield {
        message: `\`spec.traffic\` must keep \`${name}\` at 0 percent when another revision takes all, but drops it with its ${share} percent: the cluster may collect the way back`,
        help: 'keep it with `percent: 0` (`kn-rollout apply promote`), and remove it in a later commit (`apply retire`)',
        path: ['spec', 'traffic'],
        part: 'key',
      }
    }
  },
}

type Leaving = { readonly name: string; readonly share: number; readonly isReplaced: boolean }

function leaving({ before, after }: Passage): readonly Leaving[] {
  const [old, fresh] = [targetsOf(before), targetsOf(after)]
  if (fresh.length === 0 || latestShare(fresh) === 100) return []
  const kept = namesOf(fresh)
  const isReplaced = kept.some((name) => shareOfName(fresh, name) === 100)
  return namesOf(old)
    .filter((name) => !kept.includes(name))
    .map((name) => ({ name, share: shareOfName(old, name), isReplaced }))
    .filter(({ share }) => share > 0)
}
