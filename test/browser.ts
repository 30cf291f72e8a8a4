// A headless Chromium, driven over a pipe by its own protocol: it needs no port and no package.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** The program, where there is one. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
)

type Message = {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

/** What a page did besides showing itself. */
type Seen = { readonly requests: readonly string[]; readonly complaints: readonly string[] }

export class Browser {
  private readonly child: ChildProcess
  private readonly profile = mkdtempSync(path.join(tmpdir(), 'kn-rollout-browser-'))
  private readonly waiting = new Map<number, (message: Message) => void>()
  private readonly events: Message[] = []
  private count = 0
  private session = ''

  private constructor(program: string) {
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars']
    const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
    const where = ['--remote-debugging-pipe', `--user-data-dir=${this.profile}`, 'about:blank']
    this.child = spawn(program, [...flags, ...quiet, ...where], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    let rest = ''
    const output = this.child.stdio[4] as Readable
    output.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\0')
      rest = parts.pop() ?? ''
      for (const part of parts) this.take(JSON.parse(part) as Message)
    })
  }

  static async start(program: string): Promise<Browser> {
    const browser = new Browser(program)
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true })
    browser.session = String(sessionId)
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.send(`${domain}.enable`)
    await browser.send('Emulation.setFocusEmulationEnabled', { enabled: true })
    return browser
  }

  async send(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.count
    const message = { id, method, params, ...(this.session !== '' && { sessionId: this.session }) }
    const answer = await new Promise<Message>((resolve) => {
      this.waiting.set(id, resolve)
      const input = this.child.stdio[3] as Writable
      input.write(`${JSON.stringify(message)}\0`)
    })
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result ?? {}
  }

  /** Opens a page, and waits until all of it is there. */
  async open(url: string): Promise<void> {
    this.events.length = 0
    await this.send('Page.navigate', { url })
    for (let tries = 0; tries < 1500 && !this.events.some(({ method }) => method === 'Page.loadEventFired'); tries++)
      await new Promise((resolve) => void setTimeout(resolve, 20))
  }

  /** How wide the window is, in CSS pixels, and the colours that the system has. */
  async show(width: number, scheme: 'light' | 'dark'): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false })
    await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
  }

  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { readonly value?: unknown }).value
  }

  /** Waits until an expression is true in the page. */
  async until(expression: string): Promise<void> {
    for (let tries = 0; tries < 750; tries++) {
      if ((await this.evaluate(expression)) === true) return
      await new Promise((resolve) => void setTimeout(resolve, 20))
    }
    throw new Error(`did not become true: ${expression}`)
  }

  /** Presses a key that writes nothing, and lets it go. */
  async press(key: string, code: number): Promise<void> {
    for (const type of ['rawKeyDown', 'keyUp'])
      await this.send('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode: code })
  }

  /** The whole page as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true })
    return Buffer.from(String(data), 'base64')
  }

  /** What happened since the page was opened. */
  seen(): Seen {
    const requests = this.events.flatMap(({ method, params }) => {
      const request = params?.['request'] as { readonly url?: string } | undefined
      return method === 'Network.requestWillBeSent' ? [String(request?.url)] : []
    })
    const complaints = this.events.flatMap(({ method, params }) =>
      ['Log.entryAdded', 'Runtime.consoleAPICalled', 'Runtime.exceptionThrown'].includes(method ?? '')
        ? [JSON.stringify(params)]
        : [],
    )
    return { requests, complaints }
  }

  async close(): Promise<void> {
    const isOver = new Promise((resolve) => this.child.on('close', resolve))
    // One that is killed leaves processes behind that still write to the profile.
    this.session = ''
    const slow = setTimeout(() => this.child.kill('SIGKILL'), 5000)
    this.send('Browser.close').catch(() => undefined)
    await isOver
    clearTimeout(slow)
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10 })
  }

  private take(message: Message): void {
    if (message.id === undefined) this.events.push(message)
    else this.waiting.get(message.id)?.(message)
  }
}
