import { templateOf } from '../manifest/past-facts.js'
import { member } from '../manifest/json.js'
import type { Past, PastState } from '../manifest/past.js'
import { sameRevision } from '../manifest/traffic.js'
import { fetchMore } from '../text/fetch-more.js'
import { utcMinute } from '../text/time.js'
import type { Facts } from './move.js'
import { namesIn } from './names.js'
import { placeOf, servedBefore } from './past-signs.js'
import type { Remark } from './remark.js'
import { isRefusal, type Refusal } from './stage.js'
import type { Standing } from './wish.js'
import { shellWord } from '../text/shell-word.js'
import { shortCommit } from '../text/version.js'

/** How long a cluster keeps a revision that no target names, in seconds (config-gc retain-since-last-active-time). */
const kept = 15 * 3600

/**
 * The roles for the way back. A lone revision is left by what served before it, which only Git knows; one that has a tag
 * was rolled out, so that without such a revision there is something to say.
 */
export function wayBack(standing: Standing, { past }: Facts): Standing | Refusal {
  const { before, stable, candidate } = standing
  const [only, second] = before
  if (!only || second || only.percent !== 100 || isRefusal(stable)) return standing
  if (!('name' in only.revision) || !sameRevision(only.revision, stable.revision)) return standing
  if (!isRefusal(candidate) || candidate.code !== 'KN401') return standing
  const { name } = only.revision
  const known = past?.()
  const served = known && servedBefore(known, name)
  if (served) {
    return {
      ...standing,
      stable: { revision: { name: served.name }, decidedBy: placeOf(served) },
      candidate: { revision: only.revision, decidedBy: 'the only target' },
    }
  }
  if (only.tag === undefined) return standing
  return {
    code: 'KN402',
    message: `the revision that served before \`${name}\` must be known, but neither the file nor Git tells it`,
    help: `name it with --stable, for example --stable {{.Service}}-00001; in a shallow clone, ${fetchMore} first`,
  }
}

/**
 * What to say of a revision that comes back into the list: it may be gone by now.
 *
 * Source: pkg/reconciler/gc, config-gc; the labeler keeps what a target names, and the Configuration's latest stays.
 */
export function comesBack({ before, stable }: Standing, { past, now }: Facts): Remark | undefined {
  if (isRefusal(stable) || 'latest' in stable.revision) return undefined
  const { name } = stable.revision
  if (namesIn(before).includes(name)) return undefined
  const known = past?.()
  const left = known && known.present.templateName !== name ? leftWith(known, name) : undefined
  if (!known || !left) return undefined
  const since = `${utcMinute(left.time)} (${shortCommit(left.commit)})`
  const origin = templateOf(known, name)
  const look = `look it up before you merge: kubectl get revision ${shellWord(name)}`
  const help = origin
    ? `the file need not build it: a cluster keeps the revision that the template at ${shortCommit(origin.commit)} made; ${look}`
    : look
  if (now === undefined || now - left.time <= kept || isExempt(origin)) {
    const message = `\`${name}\` is in no target since ${since}: a cluster keeps such a revision for 15 hours at least`
    return {
      code: 'KN437',
      severity: 'note',
      message: isExempt(origin) ? `${message}, and this one is exempt` : message,
      help,
    }
  }
  const message = `\`${name}\` must still be there, but is in no target since ${since}: a cluster may collect such a revision after 15 hours`
  return { code: 'KN437', severity: 'warning', message, help }
}

/** The state that took the revision out. */
function leftWith(past: Past, name: string): PastState | undefined {
  let left: PastState | undefined
  for (const state of past.states) {
    if (state.life > 0) return undefined
    if (state.templateName === name || namesIn(state.traffic ?? []).includes(name)) return left
    left = state
  }
  return undefined
}

function isExempt(origin: PastState | undefined): boolean {
  return member(origin?.template, 'metadata', 'annotations', 'serving.knative.dev/no-gc') === 'true'
}
