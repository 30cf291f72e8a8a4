// Writes the table of codes into README.md and the codes into schemas/config.json, or with --check only says whether
// they are up to date.
import { readFileSync, writeFileSync } from 'node:fs'

import { isLasting } from '../src/manifest/own-faults.js'
import { codes } from '../src/pipeline/codes.js'

function withTable(text: string): string {
  const rows = codes.map(({ code, severity, title, optional }) => {
    return `| ${code} | ${severity}${optional ? ', optional' : ''} | ${title} |`
  })
  const table = ['| code | severity | what |', '| --- | --- | --- |', ...rows].join('\n')
  return text.replace(/<!-- rules -->[^]*<!-- \/rules -->/, () => `<!-- rules -->\n${table}\n<!-- /rules -->`)
}

/** The codes that a configuration can set, so that editors offer them with what they mean. */
function withCodes(text: string): string {
  const schema = JSON.parse(text) as { properties: { rules: { properties: object } } }
  schema.properties.rules.properties = Object.fromEntries(
    codes
      .filter(({ code }) => !isLasting(code))
      .map(({ code, severity, title, optional }) => {
        const description = `${title} (${optional ? 'off until it is set' : severity})`
        return [code, { description, $ref: '#/$defs/severity' }]
      }),
  )
  const lists = /\[\n\s+([^[\]{}]*?)\n\s+\]/g
  return `${JSON.stringify(schema, undefined, 2).replaceAll(lists, (_, items: string) => `[${items.replaceAll(/\n\s+/g, ' ')}]`)}\n`
}

for (const [name, refresh] of [
  ['README.md', withTable],
  ['schemas/config.json', withCodes],
] as const) {
  const file = new URL(`../${name}`, import.meta.url)
  const text = readFileSync(file, 'utf8')
  const fresh = refresh(text)
  if (fresh === text) console.log(`${name}: the codes are up to date`)
  else if (process.argv.includes('--check')) {
    console.error(`${name}: the codes are out of date; run \`npm run docs\``)
    process.exitCode = 1
  } else writeFileSync(file, fresh)
}
