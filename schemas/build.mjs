// Turns schemas/service.json into code, so that starting the program costs no schema compilation.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

import Ajv2020 from 'ajv/dist/2020.js'
import standaloneCode from 'ajv/dist/standalone/index.js'

const root = new URL('../', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('schemas/service.json', root), 'utf8'))
const ajv = new Ajv2020.default({
  allErrors: true,
  allowUnionTypes: true,
  strict: true,
  validateFormats: false,
  code: { source: true, esm: true },
})
const code = standaloneCode.default(ajv, ajv.compile(schema))
rmSync(new URL('dist/', root), { recursive: true, force: true })
mkdirSync(new URL('dist/validators/', root), { recursive: true })
writeFileSync(new URL('dist/validators/service.js', root), code)
