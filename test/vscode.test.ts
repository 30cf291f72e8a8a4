// The extension for Visual Studio Code: what its manifest says, and which program it starts. Its packages are not here.
import { readFileSync } from 'node:fs'
import vm from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

type Manifest = {
  readonly version: string
  readonly main: string
  readonly activationEvents: readonly string[]
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: unknown; readonly restrictedConfigurations: readonly string[] }
    readonly virtualWorkspaces: boolean
  }
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope: string }>> }
  }
  readonly dependencies: Readonly<Record<string, string>>
}

const folder = new URL('../editor/vscode/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
const manifest = JSON.parse(read('package.json')) as Manifest
const own = JSON.parse(read('../../package.json')) as { readonly version: string }

/** What starts, with the values that settings have on their levels, or the complaint. */
async function started(values: Readonly<Record<string, string>>, platform = 'linux'): Promise<unknown> {
  const seen: unknown[] = []
  class LanguageClient {
    constructor(...given: readonly unknown[]) {
      seen.push(given[2])
    }
    async start(): Promise<void> {
      seen.push('started')
    }
  }
  const modules: Readonly<Record<string, unknown>> = {
    'node:path': await import('node:path'),
    vscode: {
      window: { showErrorMessage: (message: string) => seen.push(message) },
      workspace: { getConfiguration: () => ({ inspect: () => values }) },
    },
    'vscode-languageclient/node': { LanguageClient },
  }
  const module = { exports: {} as { readonly activate: () => Promise<void> } }
  const run = vm.compileFunction(read('extension.js'), ['require', 'module', 'process', '__dirname'])
  run((name: string) => modules[name], module, { platform }, '/extension')
  await module.exports.activate()
  return seen
}

const test = suite('vscode')

test('a workspace has no say in which program starts', () => {
  const { capabilities, contributes } = manifest
  assert.is(capabilities.untrustedWorkspaces.supported, 'limited')
  assert.equal(
    capabilities.untrustedWorkspaces.restrictedConfigurations,
    Object.keys(contributes.configuration.properties),
  )
  assert.equal(
    Object.values(contributes.configuration.properties).map(({ scope }) => scope),
    ['machine'],
  )
  assert.is(capabilities.virtualWorkspaces, false)
})

test('the manifest can be packaged', () => {
  assert.is(manifest.version, own.version)
  assert.is(read('LICENSE'), read('../../LICENSE'))
  assert.ok(read('README.md') && read(manifest.main))
  assert.equal(manifest.activationEvents.toSorted(), ['onLanguage:json', 'onLanguage:yaml'])
  for (const version of Object.values(manifest.dependencies)) assert.match(version, /^\d+\.\d+\.\d+$/)
})

test('starts the program that the user has set, in no folder of a workspace', async () => {
  const options = { cwd: '/extension', shell: false }
  const server = (command: string): object => ({ command, args: ['lsp'], options })
  assert.equal(await started({}), [server('kn-rollout'), 'started'])
  assert.equal(await started({ globalValue: '/opt/kn-rollout' }), [server('/opt/kn-rollout'), 'started'])
  assert.equal(await started({ workspaceValue: './evil', workspaceFolderValue: './evil' }), [
    server('kn-rollout'),
    'started',
  ])
  assert.match(String(await started({ globalValue: './bin/kn-rollout' })), /relative/)
  const onWindows = { command: '"kn-rollout"', args: ['lsp'], options: { ...options, shell: true } }
  assert.equal(await started({}, 'win32'), [onWindows, 'started'])
})

test.run()
