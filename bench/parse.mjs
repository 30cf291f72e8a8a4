// The least that any tool on the same YAML package must do: read the files of a folder and parse them.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { parseAllDocuments } from 'yaml'

const [, , folder] = process.argv
let count = 0
for (const name of readdirSync(folder, { recursive: true }).filter((one) => one.endsWith('.yaml'))) {
  count += parseAllDocuments(readFileSync(path.join(folder, name), 'utf8')).length
}
console.log(count)
