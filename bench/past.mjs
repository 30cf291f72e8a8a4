// A GitOps repository with a past: the same commits, to the hash, for the same seed. Rollouts of many Services side by
// side, with merges and renames, written in one go by `git fast-import`.
import { spawnSync } from 'node:child_process'

import { knativeService, random } from './repository.mjs'

const start = 1_700_000_000
const data = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`

/** Makes `folder` (which exists) a repository of `commits` commits on `services` Services, and checks its files out. */
export function writePast(folder, { commits, services, seed }) {
  const next = random(seed)
  const texts = Array.from({ length: services }, (_, index) =>
    knativeService(next, `app-${index}`, `team-${index % 40}`),
  )
  const places = texts.map((_, index) => `clusters/team-${index % 40}/app-${index}/ksvc.yaml`)
  let mark = 0
  const head = (branch, at, from, merged) =>
    `commit refs/heads/${branch}\nmark :${++mark}\ncommitter a <a@example.com> ${start + at * 600} +0000\n${data(`change ${at}`)}${from ? `from :${from}\n` : ''}${merged ? `merge :${merged}\n` : ''}`
  const file = (index) => `M 100644 inline ${places[index]}\n${data(texts[index])}`
  const change = (index) => {
    const share = Math.floor(next() * 101)
    let shares = [share, 100 - share]
    texts[index] = texts[index].replaceAll(/percent: \d+/g, () => `percent: ${shares.shift()}`)
    if (next() < 0.4)
      texts[index] = texts[index].replace(/image: (\S+):\S+/, `image: $1:${Math.floor(next() * 1e6)}.0.1`)
    return file(index)
  }
  const stream = [head('main', 0), ...texts.map((_, index) => file(index)), '\n']
  let tip = mark
  for (let at = 1; at < commits; at++) {
    const index = Math.floor(next() * services)
    const draw = next()
    if (draw < 0.02) {
      const from = places[index]
      places[index] = from.replace(/app-[^/]*/, `app-${index}-${at}`)
      stream.push(head('main', at, tip), `R ${from} ${places[index]}\n`)
    } else if (draw < 0.3) {
      stream.push(head('side', at, tip), change(index))
      const side = mark
      stream.push(head('main', at, tip, side), file(index))
    } else stream.push(head('main', at, tip), change(index))
    tip = mark
  }
  const git = (args, input) => {
    const { status, stderr } = spawnSync('git', args, { cwd: folder, input, maxBuffer: 2 ** 30, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }
  git(['init', '--quiet', '--initial-branch=main'])
  git(['fast-import', '--quiet'], stream.join(''))
  git(['reset', '--quiet', '--hard', 'main'])
  return places
}
