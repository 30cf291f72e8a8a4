// What stands around the source: how to contribute, the forms of issues, the workflow of releases.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'

import manifest from '../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../', import.meta.url))
const textOf = (name: string): string => readFileSync(path.join(root, name), 'utf8')
const test = suite('project')

/** What the first group of a pattern holds, each time. */
function named(pattern: RegExp, text: string): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name)
}

test('the scripts, paths and links that contributors are told of are there', () => {
  const scripts = new Set(Object.keys(manifest.scripts))
  for (const page of [
    'CONTRIBUTING.md',
    '.github/pull_request_template.md',
    '.docker/Dockerfile',
    'docs/executable.md',
  ]) {
    const text = textOf(page)
    assert.equal(
      named(/\bnpm run ([\w:]+)/g, text).filter((name) => !scripts.has(name)),
      [],
      page,
    )
    const paths = [
      ...named(/`((?:src|fixtures|docs|schemas|test|\.action)\/[\w./-]*)`/g, text),
      ...named(/\]\((?!https:)([^)#]+)/g, text).map((link) => path.posix.join(path.posix.dirname(page), link)),
    ]
    assert.equal(
      paths.filter((name) => !existsSync(path.join(root, name)) && !name.includes('dist/')),
      [],
      page,
    )
  }
})

type Field = {
  readonly type: string
  readonly id?: string
  readonly attributes: { readonly label?: string; readonly value?: string; readonly options?: readonly string[] }
  readonly validations?: { readonly required?: boolean }
}
type Form = { readonly name: string; readonly description: string; readonly body: readonly Field[] }

test('every form of an issue is one that GitHub shows', () => {
  const folder = '.github/ISSUE_TEMPLATE'
  const names = readdirSync(path.join(root, folder)).filter((name) => name !== 'config.yml')
  assert.ok(names.length >= 2)
  for (const name of names) {
    const { name: title, description, body } = parse(textOf(`${folder}/${name}`)) as Form
    assert.ok(title.length > 3 && description.length > 10, name)
    const fields = body.filter(({ type }) => type !== 'markdown')
    assert.ok(fields.some(({ validations }) => validations?.required === true))
    assert.is(new Set(fields.map(({ id }) => id)).size, fields.length, `${name}: ids`)
    for (const { type, id, attributes } of body) {
      assert.ok(['markdown', 'input', 'textarea', 'dropdown'].includes(type), type)
      if (type === 'markdown') assert.ok((attributes.value ?? '') !== '')
      else assert.ok(/^[\w-]+$/.test(id ?? '') && (attributes.label ?? '') !== '')
      if (type === 'dropdown') assert.is(new Set(attributes.options).size, attributes.options?.length)
    }
  }
})

type Job = {
  readonly permissions: Readonly<Record<string, string>>
  readonly 'timeout-minutes': number
  readonly strategy?: { readonly matrix: { readonly include: readonly { readonly name: string }[] } }
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[]
}

test('a release builds six platforms, with pinned actions and the least rights', () => {
  const text = textOf('.github/workflows/release.yml')
  const { permissions, jobs } = parse(text) as { permissions: object; jobs: Readonly<Record<string, Job>> }
  assert.equal(permissions, {})
  assert.equal(jobs['build']?.permissions, { contents: 'read' })
  assert.equal(jobs['publish']?.permissions, { contents: 'write', 'id-token': 'write', attestations: 'write' })
  assert.equal(jobs['build']?.strategy?.matrix.include.map(({ name }) => name).toSorted(), [
    'linux-arm64',
    'linux-x64',
    'macos-arm64',
    'macos-x64',
    'windows-arm64',
    'windows-x64',
  ])
  const steps = Object.values(jobs).flatMap((job) => job.steps)
  for (const { uses, run = '' } of steps) {
    if (uses !== undefined) assert.match(uses, /^actions\/[\w-]+@[0-9a-f]{40}$/)
    assert.not.match(run, '${{', 'nothing is filled into a script')
  }
  assert.ok(steps.some(({ uses }) => uses?.startsWith('actions/attest-build-provenance@')))
  assert.ok(steps.some(({ run }) => run?.includes('SHA256SUMS')))
  assert.ok(Object.values(jobs).every((job) => job['timeout-minutes'] <= 20))
})

test('the first run of a released program compares its version with the tag, and moves a Service', () => {
  const text = textOf('.github/workflows/release.yml')
  const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, Job>> }
  const script = jobs['build']?.steps.find(({ run }) => run?.includes('--version'))?.run ?? ''
  const { version } = manifest
  const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-release-'))
  try {
    const program = `#!/bin/sh\nexec '${process.execPath}' '${path.join(root, 'dist/main.js')}' "$@"\n`
    writeFileSync(path.join(folder, 'program'), program, { mode: 0o755 })
    symlinkSync(path.join(root, 'fixtures'), path.join(folder, 'fixtures'))
    const ran = (tag: string): number | null =>
      spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
        cwd: folder,
        env: { PATH: process.env['PATH'], PROGRAM: 'program', GITHUB_REF_NAME: tag },
      }).status
    assert.equal([ran(`v${version}`), ran('v9.9.9'), ran('v0')], [0, 1, 1])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what was left out on purpose is said where people look', () => {
  const page = textOf('docs/guarantees.md')
  for (const what of ['Helm charts', 'MCP server', 'two revisions', 'Output templates'])
    assert.ok(page.includes(what), what)
  for (const name of ['reports', 'kustomize', 'api'])
    assert.ok(textOf(`docs/${name}.md`).includes('guarantees.md#left-out-on-purpose'), name)
})

test.run()
