// `status --format html` in a real browser, where one is installed: at the widths of a phone, a tablet and a desk, light and
// dark, with names that are markup.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Browser, chromium } from '../browser.js'
import { at } from '../rollouts.js'
import { Timeline } from './timeline.js'

const test = suite('page in a browser')

const at2 = (targets: string, name: string): string => at(targets, 'v2', name)

/** Three Services: one with a past, one that is markup, one with long names, under a remote that is known. */
function repository(): Timeline {
  const long = `${'long-name-'.repeat(5)}service`
  const markup = at2('v1=100', 'odd')
    .replace('namespace: shop', 'namespace: "<img src=x onerror=alert(1)>"')
    .replace('odd-v1', "'\"><script src=//x></script>'")
  const line = new Timeline({
    'apps/a.yaml': at2('v1=100 v2=0:t', 'shop'),
    'apps/b.yaml': markup,
    'apps/c.yaml': at2('v1=90 v2=10:t', long),
  })
  line.box.git('remote', 'add', 'origin', 'https://user:secret@github.com/acme/deploy.git')
  for (const targets of ['v1=50 v2=50:t', 'v1=0 v2=100:t', 'v1=100 v2=0:t']) {
    line.now += 3600
    line.commit({ 'apps/a.yaml': at2(targets, 'shop') })
  }
  return line
}

test('the page has links to commits, but no password of the remote', () => {
  const line = repository()
  const { status, stdout } = line.run('status', '--format', 'html')
  assert.is(status, 0)
  assert.match(stdout, `<a href="https://github.com/acme/deploy/commit/${line.head}`)
  assert.not.match(stdout, 'secret')
  const plain = line.run('status', '--format', 'html', '--no-git').stdout
  assert.not.match(plain, /https:|class="area"/)
})

if (chromium === undefined) console.log('skipped: no chromium is on the PATH, so the page is not opened')
else
  test('the browser asks for nothing, complains of nothing, and nothing is wider than the window', async () => {
    const line = repository()
    line.box.write({ 'page.html': line.run('status', '--format', 'html').stdout })
    const browser = await Browser.start(chromium ?? '')
    try {
      await browser.open(`file://${line.box.path('page.html')}`)
      for (const width of [360, 800, 1600])
        for (const scheme of ['light', 'dark'] as const) {
          await browser.show(width, scheme)
          assert.is(await browser.evaluate('document.documentElement.scrollWidth'), width, `${width} ${scheme}`)
          const ground = await browser.evaluate('getComputedStyle(document.documentElement).backgroundColor')
          assert.is(ground, scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(13, 17, 23)')
        }
      const heads = await browser.evaluate(
        '[...document.querySelectorAll("h1, h2, h3, h4")].map((h) => h.localName).join(" ")',
      )
      assert.is(heads, `h1 h2 h2${' h3 h4 h4'.repeat(3)}`)
      assert.is(await browser.evaluate('document.querySelectorAll("script, img, [style]").length'), 0)
      // What can be pointed at can be reached by the keyboard, and shows that it is.
      await browser.evaluate('document.querySelector(".area a:has(+ a)").focus()')
      await browser.press('Tab', 9)
      const focused =
        'document.activeElement.closest(".area") && getComputedStyle(document.activeElement.querySelector(".hit")).strokeWidth'
      assert.is(await browser.evaluate(focused), '3px')
      const { requests, complaints } = browser.seen()
      assert.equal([requests.length, complaints], [1, []])
    } finally {
      await browser.close()
    }
  })

test.run()
