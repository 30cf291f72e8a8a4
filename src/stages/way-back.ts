import { member } from '../manifest/json.js'
import type { Manifest } from '../manifest/manifest.js'
import { templateOf } from '../manifest/past-facts.js'
import type { Past, PastState } from '../manifest/past.js'
import { generatedName } from '../manifest/revision-number.js'
import type { Revision } from '../manifest/traffic.js'
import { fetchMore } from '../text/fetch-more.js'
import { utcMinute } from '../text/time.js'
import { cluesOf } from './clues.js'
import type { Facts } from './move.js'
import { isName, namesIn } from './names.js'
import { citationOf, servedBefore, type Served } from './past-signs.js'
import { ownNumber } from './predict.js'
import { remark, type Remark } from './remark.js'
import { lostCandidate, withLostCandidate } from './rolled-back.js'
import { serviceName } from './service-name.js'
import { shareOf } from './shares.js'
import { loneName } from './taken-back.js'
import { isRefusal, type Refusal } from './stage.js'
import type { Standing } from './wish.js'
import { shellWord } from '../text/shell-word.js'
import { shortCommit } from '../text/version.js'

/** How long a cluster keeps a revision that no target names, in seconds (config-gc retain-since-last-active-time). */
const kept = 15 * 3600

/**
 * The roles for the way back, where no flag names the stable revision. What the template makes is what users are to be
 * taken from, so it is never the one to go back to, unless it has everything already.
 */
export function wayBack(manifest: Manifest, standing: Standing, facts: Facts): Standing | Refusal {
  const { before, stable } = standing
  const own = cluesOf(manifest, before, facts).templateName
  const names = namesIn(before)
  const found =
    names.length === 0
      ? fromLatest(serviceName(manifest, facts), standing, facts, own)
      : loneName(before) === undefined
        ? standing
        : fromLone(standing, facts)
  if (isRefusal(found) || isRefusal(found.stable) || own === undefined) return found
  const { revision } = found.stable
  if (!isName(revision, own) || shareOf(before, revision) === 100) return found
  return unknownBefore(own, isRefusal(stable) ? 'neither the file nor Git tells it' : 'the file names no other one')
}

/** Everything goes to what the template makes: the way back is what served before that one, which only Git knows. */
function fromLatest(
  service: string,
  standing: Standing,
  { past: ask }: Facts,
  own: string | undefined,
): Standing | Refusal {
  const past = ask?.()
  if (own !== undefined) {
    const served = past && servedBefore(past, own)
    if (!served || served.name === own) return unknownBefore(own, 'neither the file nor Git tells it')
    return withRoles(standing, served, { name: own }, 'the template builds it')
  }
  const number = past && ownNumber(past, past.present)
  const before = number && number.number > 1 ? generatedName(service, number.number - 1) : undefined
  if (!number || before === undefined)
    return unknownBefore('@latest', 'the file names no revision and Git shows no template before this one')
  const doubt: Remark = remark({
    code: 'KN448',
    message: `\`${before}\` is predicted (${number.basis}): a wrong number blocks all traffic`,
    help: 'compare with `kubectl get revisions` before you merge, or name the revision with --stable',
  })
  return {
    ...standing,
    remarks: [...standing.remarks, doubt],
    stable: { revision: { name: before }, decidedBy: number.basis },
    candidate: { revision: { latest: true }, decidedBy: 'everything goes to the latest revision' },
  }
}

/** A lone revision is left by what served before it, unless it is itself what somebody went back to. */
function fromLone(standing: Standing, { past: ask }: Facts): Standing | Refusal {
  const { before, candidate } = standing
  const [only] = before
  if (!only || !('name' in only.revision) || !isRefusal(candidate) || candidate.code !== 'KN401') return standing
  const past = ask?.()
  if (past && lostCandidate(past, before)) return withLostCandidate(standing, past)
  const { name } = only.revision
  const served = past && servedBefore(past, name)
  if (served) return withRoles(standing, served, only.revision, 'the only target')
  // One that has a tag was rolled out: something came before it.
  if (before.every(({ tag }) => tag === undefined)) return standing
  return unknownBefore(name, 'neither the file nor Git tells it')
}

function withRoles(standing: Standing, served: Served, candidate: Revision, decidedBy: string): Standing {
  return {
    ...standing,
    stable: { revision: { name: served.name }, decidedBy: citationOf(served) },
    candidate: { revision: candidate, decidedBy },
  }
}

function unknownBefore(name: string, why: string): Refusal {
  return {
    code: 'KN402',
    message: `the revision that served before \`${name}\` must be known, but ${why}`,
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
  return remark({ code: 'KN437', message, help })
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
