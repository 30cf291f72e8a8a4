// Writes the table of codes into README.md, or with --check only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs'

import { codes } from '../src/pipeline/codes.js'

const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')
const rows = codes.map(({ code, severity, title, optional }) => {
  return `| ${code} | ${severity}${optional ? ', optional' : ''} | ${title} |`
})
const table = ['| code | severity | what |', '| --- | --- | --- |', ...rows].join('\n')
const fresh = text.replace(/<!-- rules -->[^]*<!-- \/rules -->/, () => `<!-- rules -->\n${table}\n<!-- /rules -->`)
if (fresh === text) console.log('README.md: the table of codes is up to date')
else if (process.argv.includes('--check')) {
  console.error('README.md: the table of codes is out of date; run `npm run docs`')
  process.exitCode = 1
} else writeFileSync(readme, fresh)
