// The playground in a real browser, where one is installed: what is typed and chosen, by mouse and by keyboard, what a link
// restores, and that nothing is asked for, sent or run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { stages } from '../src/stages/stages.js'
import { Browser, chromium } from './browser.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const file = path.join(root, 'docs/playground/index.html')
const page = readFileSync(file)

const test = suite('playground')

test('the page is what its sources make, byte for byte', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-playground-'))
  try {
    const built = path.join(folder, 'index.html')
    const { status, stderr } = spawnSync(process.execPath, ['docs/playground/build.mjs', built], {
      cwd: root,
      encoding: 'utf8',
    })
    assert.is(status, 0, stderr)
    const isSame = readFileSync(built).equals(page)
    assert.ok(isSame, 'out of date: run `npm run playground` and commit docs/playground/index.html')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the page is one file of at most 400 kB, compressed, that may load and send nothing', () => {
  assert.ok(gzipSync(page, { level: 9 }).length < 400_000)
  const text = page.toString('utf8')
  assert.match(
    text,
    /content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; .*connect-src 'none'/,
  )
  assert.not.match(text.slice(0, text.indexOf('<script>')), /<(?:link|script|img|iframe)[^>]+(?:src|href)="(?!data:)/)
  assert.match(text, /\nyaml \d[\d.]+ \(ISC\)\n/, 'the licences of the packages in it are at its end')
})

type Scene = { readonly browser: Browser; readonly open: (fragment?: string) => Promise<void> }

let started: Promise<Browser> | undefined

async function scene(): Promise<Scene> {
  started ??= Browser.start(chromium ?? '')
  const browser = await started
  const open = async (fragment = ''): Promise<void> => {
    await browser.open('about:blank')
    await browser.open(`file://${file}${fragment}`)
    await browser.until('document.getElementById("summary").textContent !== ""')
  }
  return { browser, open }
}

const text = async ({ browser }: Scene, id: string): Promise<string> =>
  String(await browser.evaluate(`document.getElementById(${JSON.stringify(id)}).innerText`))

/** Types into a field as a program would: all of it at once. */
async function fill({ browser }: Scene, id: string, value: string): Promise<void> {
  await browser.evaluate(`(() => {
    const field = document.getElementById(${JSON.stringify(id)})
    field.value = ${JSON.stringify(value)}
    field.dispatchEvent(new Event('input', { bubbles: true }))
  })()`)
}

const settled = async (one: Scene, id: string, what: RegExp): Promise<void> =>
  one.browser.until(`${String(what)}.test(document.getElementById(${JSON.stringify(id)}).innerText)`)

async function quiet({ browser }: Scene): Promise<void> {
  const { requests, complaints } = browser.seen()
  assert.equal([requests.filter((one) => !one.startsWith('data:')).length, complaints], [1, []])
  assert.is(await browser.evaluate('document.getElementById("failure").hidden'), true)
}

if (chromium === undefined) console.log('skipped: no chromium is on the PATH, so the playground is not opened')
else {
  test('type, choose a step, see the diff and the findings', async () => {
    const one = await scene()
    await one.open()
    assert.match(await text(one, 'diff'), /-\s+percent: 100 # the users\n\+\s+percent: 50 # the users\n/)
    await fill(one, 'percent', '10')
    await settled(one, 'diff', /\+ +percent: 90 # the users/)
    assert.match(await text(one, 'moves'), /shop-v1 *stable\s+100% → 90%/)
    const manifest = String(await one.browser.evaluate('document.getElementById("manifest").value'))
    await fill(one, 'manifest', manifest.replace('tcpSocket', 'tcpSockt'))
    await settled(one, 'findings', /unknown field/)
    assert.match(await text(one, 'summary'), /^1 error, 1 warning/)
    await one.browser.evaluate('document.querySelector("#findings button").click()')
    const selected =
      'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)'
    assert.is(await one.browser.evaluate(selected), 'tcpSockt')
    await fill(one, 'manifest', '')
    await settled(one, 'findings', /Nothing found|KN421/)
    await quiet(one)
  })

  test('each stage of the table, a release, and nothing at all', async () => {
    const one = await scene()
    await one.open()
    const steps = await one.browser.evaluate('[...document.getElementById("step").options].map((o) => o.value)')
    assert.equal(steps, ['validate', ...stages.map(({ name }) => name), 'release'])
    for (const step of steps as readonly string[]) {
      await fill(one, 'step', step)
      if (step === 'validate') await settled(one, 'diff', /No step is chosen/)
      if (step === 'split')
        await one.browser.until(
          '[...document.querySelectorAll("[data-field]")].filter((f) => !f.hidden).map((f) => f.dataset.field).join() === "stable,candidate,percent,tag"',
        )
      if (step === 'promote') await settled(one, 'diff', /\+ +percent: 100$/m)
      if (step === 'release') {
        await fill(one, 'image', ':1.2')
        await settled(one, 'diff', /\+ +image: ghcr\.io\/acme\/shop:1\.2\n/)
      }
    }
    await fill(one, 'step', 'pin')
    await settled(one, 'diff', /already there/)
    await quiet(one)
  })

  test('the result becomes the manifest, and the next step starts there', async () => {
    const one = await scene()
    await one.open()
    await one.browser.evaluate('document.getElementById("take").click()')
    await settled(one, 'standing', /now: split/)
    await fill(one, 'step', 'promote')
    await settled(one, 'moves', /50% → 100%/)
    await quiet(one)
  })

  test('by the keyboard alone', async () => {
    const one = await scene()
    const { browser } = one
    await one.open()
    const focused = async (): Promise<string> => String(await browser.evaluate('document.activeElement.id'))
    const met: string[] = []
    for (let count = 0; count < 20 && (await focused()) !== 'diff'; count++) {
      await browser.press('Tab', 9)
      met.push(await focused())
      if (met.at(-1) === 'step') {
        await browser.press('ArrowDown', 40)
        await settled(one, 'moves', /shop: promote/)
      }
      const ring = await browser.evaluate(
        'getComputedStyle(document.activeElement.closest(".editor") ?? document.activeElement).outlineWidth',
      )
      assert.is(ring, '3px', `${met.at(-1)} shows its focus`)
    }
    const wanted = [
      'step',
      'stable',
      'candidate',
      'tag',
      'dropStable',
      'untag',
      'share',
      'reset',
      'manifest',
      'take',
      'diff',
    ]
    assert.equal(met, wanted)
    await browser.evaluate('document.getElementById("tag").focus()')
    await browser.send('Input.insertText', { text: 'Not A Label' })
    await settled(one, 'findings', /KN\d+/)
    const names = await browser.evaluate(
      '[...document.querySelectorAll("input, select, textarea")].filter((f) => f.labels.length !== 1).length',
    )
    assert.is(names, 0, 'every control has a label')
    await quiet(one)
  })

  test('a link restores what was shared, and what a stranger put in one is text', async () => {
    const one = await scene()
    const { browser } = one
    await one.open()
    const hostile = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: "<img src=x onerror=window.ran=1>", namespace: "</script><script>window.ran=1</script>"}
spec: {template: {spec: {containers: [{image: "a\u202Eb"}]}}, traffic: [{revisionName: "<b>x", percent: 100}, {latestRevision: true, percent: 0, tag: é}]}
`
    await fill(one, 'manifest', hostile)
    await fill(one, 'step', 'rollback')
    await fill(one, 'stable', '<i>')
    await browser.evaluate('document.getElementById("keep").checked = true')
    await browser.evaluate('document.getElementById("share").click()')
    await browser.until('location.hash !== "" && !document.getElementById("shared").hidden')
    const link = String(await browser.evaluate('location.hash'))
    assert.match(link, /^#1\.[\w-]+$/)
    await one.open(link)
    const state = await browser.evaluate(
      '["manifest", "step", "stable"].map((id) => document.getElementById(id).value).concat(document.getElementById("keep").checked)',
    )
    assert.equal(state, [hostile, 'rollback', '<i>', true])
    assert.ok((await text(one, 'findings')).includes('<img src=x onerror=window.ran=1>'))
    assert.is(await browser.evaluate('typeof window.ran + document.querySelectorAll("img, b, i").length'), 'undefined0')
    await quiet(one)
    // What is typed next is not what the link has.
    await fill(one, 'stable', '')
    await browser.until('location.hash === ""')
  })

  test('a link that is broken, or unpacks to too much, is said, and the page works', async () => {
    const one = await scene()
    await one.open('#1.AAAA')
    await one.browser.until('!document.getElementById("failure").hidden')
    assert.match(await text(one, 'failure'), /^This link cannot be opened: /)
    assert.match(await text(one, 'diff'), /percent: 50/)
    await one.open('#something')
    await settled(one, 'failure', /cut off/)
    const bomb = await one.browser.evaluate(`(async () => {
      const stream = new Blob([new Uint8Array(30e6)]).stream().pipeThrough(new CompressionStream('deflate-raw'))
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
      return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    })()`)
    await one.open(`#1.${String(bomb)}`)
    await settled(one, 'failure', /more than this page takes/)
  })

  test('nothing is wider than the window, light and dark', async () => {
    const one = await scene()
    const { browser } = one
    await one.open()
    await fill(one, 'manifest', `${'x'.repeat(300)}: 1\n`)
    await settled(one, 'findings', /KN/)
    for (const width of [360, 800, 1600])
      for (const scheme of ['light', 'dark'] as const) {
        await browser.show(width, scheme)
        assert.is(await browser.evaluate('document.documentElement.scrollWidth'), width, `${width} ${scheme}`)
      }
    await quiet(one)
  })

  test.after(async () => {
    await (await started)?.close()
  })
}

test.run()
