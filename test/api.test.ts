// The blocks of docs/api.md, as a program that has installed the package sees them: checked against its types, and run.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('../', import.meta.url))
const page = readFileSync(path.join(root, 'docs/api.md'), 'utf8')

/** A program of the page, and how what it prints must begin. */
type Block = { readonly code: string; readonly output: string | undefined }

function blocksIn(markdown: string): readonly Block[] {
  const found: { code: string; output: string | undefined }[] = []
  for (const [, language, body = ''] of markdown.matchAll(/^```(\w+)\n([^]*?)^```$/gm)) {
    const last = found.at(-1)
    if (language === 'ts') found.push({ code: body, output: undefined })
    else if (language === 'text' && last) last.output = body.trimEnd()
  }
  return found
}

const blocks = blocksIn(page)
const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-api-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
mkdirSync(path.join(folder, 'node_modules/@types'), { recursive: true })
symlinkSync(root, path.join(folder, 'node_modules/kn-rollout'))
symlinkSync(path.join(root, 'node_modules/@types/node'), path.join(folder, 'node_modules/@types/node'))
symlinkSync(path.join(root, 'node_modules/undici-types'), path.join(folder, 'node_modules/undici-types'))

const options = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  // Types that lead nowhere are seen.
  skipLibCheck: false,
  types: ['node'],
}

/** What the compiler has against programs, as a stranger to this project compiles them. */
function complaints(programs: readonly string[]): string {
  for (const [index, code] of programs.entries()) writeFileSync(path.join(folder, `block${index}.mts`), code)
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.mts'] }))
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
    { encoding: 'utf8' },
  )
  return stdout + stderr
}

const test = suite('api')

test('the page has programs, and the first is one that is read at a glance', () => {
  assert.ok(blocks.length >= 5)
  const [first] = blocks
  assert.ok((first?.code.split('\n').length ?? 99) <= 30)
  assert.ok(first?.output?.startsWith('diff --git'))
})

test('the compiler of a stranger takes every block, and sees what is wrong with one', () => {
  assert.is(complaints(blocks.map(({ code }) => code)), '')
  assert.match(complaints(["import { plan } from 'kn-rollout'\nplan('shop.yaml', {})\n"]), /TS2345/)
})

test('every export is on the page', () => {
  const names = Object.keys(createRequire(import.meta.url)(path.join(root, 'dist/index.js')) as object)
  assert.ok(names.length > 10)
  assert.equal(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page)),
    [],
  )
})

const [, manifest = ''] = /^```yaml\n([^]*?)^```$/m.exec(page) ?? []

for (const [index, { code, output }] of blocks.entries())
  test(`block ${index + 1} runs`, async () => {
    const { code: script } = await transform(code, { loader: 'ts', format: 'esm' })
    writeFileSync(path.join(folder, `run${index}.mjs`), script)
    writeFileSync(path.join(folder, 'shop.yaml'), manifest)
    const { status, stdout, stderr } = spawnSync(process.execPath, [`run${index}.mjs`], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.equal([status, stderr], [0, ''])
    assert.ok(stdout.startsWith(output ?? ''), `must print\n${output}\nbut prints\n${stdout}`)
    assert.not.match(stdout, /undefined|\[object/)
    if (index === 0) assert.match(readFileSync(path.join(folder, 'shop.yaml'), 'utf8'), 'percent: 50 # the users')
  })

test.run()
