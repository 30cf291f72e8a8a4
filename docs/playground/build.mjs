// Builds the playground: one page with the program, its style and its licences in it, which asks no server for anything.
//
//   node docs/playground/build.mjs [FILE]
//
// writes docs/playground/index.html, or FILE. What schemas/build.mjs makes must be in dist/ (`npm run playground` sees to it).
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { build } from 'rolldown'

import { notices } from '../../.notices.mjs'

const folder = fileURLToPath(new URL('./', import.meta.url))
process.chdir(fileURLToPath(new URL('../../', import.meta.url)))

const { output } = await build({
  input: `${folder}main.ts`,
  platform: 'browser',
  write: false,
  experimental: { attachDebugInfo: 'none' },
  transform: { target: 'es2023' },
  output: { format: 'iife', minify: true, comments: false, charset: 'ascii', codeSplitting: false },
})
const [bundle, second] = output
if (second) throw new Error('the program of the page is more than one file')
const used = Object.entries(bundle.modules).flatMap(([file, { renderedLength }]) => (renderedLength > 0 ? file : []))

// In a page, only this would end a script.
const script = bundle.code.trim().replaceAll(/<(?=\/script|!--)/gi, String.raw`\x3c`)
const style = readFileSync(`${folder}style.css`, 'utf8').trim()
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  'img-src data:',
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')
const page = readFileSync(`${folder}page.html`, 'utf8')
  .replace('POLICY', () => policy)
  .replace('STYLE', () => style)
  .replace('SCRIPT', () => script)
const licences = notices(used).replaceAll('-->', '-- >')
writeFileSync(process.argv[2] ?? `${folder}index.html`, `${page}<!--\n${licences}-->\n`)
