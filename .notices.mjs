// The licences of the packages whose code is in the bundle: most of them ask for their text wherever the code goes.
import { readFileSync, readdirSync } from 'node:fs'

/** The text of dist/THIRD-PARTY-NOTICES.txt for bundles of these files. */
export function notices(files) {
  const folders = new Set([...files].flatMap((name) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? []))
  const parts = [...folders].map(noticeOf).toSorted()
  return `kn-rollout contains code of these packages.\n\n${[...new Set(parts)].join('\n\n')}\n`
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const file = readdirSync(folder).find((one) => /^licen[cs]e(?:[-.]\w+)?$/i.test(one))
  if (file === undefined) throw new Error(`${folder} has no text of its licence`)
  const text = readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r', '').trim()
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${text}`
}
