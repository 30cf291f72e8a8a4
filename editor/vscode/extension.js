// Starts `kn-rollout lsp` for YAML and JSON documents.
const path = require('node:path')
const { window, workspace } = require('vscode')
const { LanguageClient } = require('vscode-languageclient/node')

let client

/** The program as the user has set it. What a workspace sets does not count: it may be a stranger's. */
function programOf() {
  const { globalValue } = workspace.getConfiguration('kn-rollout').inspect('path') ?? {}
  const program = typeof globalValue === 'string' && globalValue !== '' ? globalValue : 'kn-rollout'
  // A relative path would start in the folder of a workspace.
  return path.isAbsolute(program) || path.basename(program) === program ? program : undefined
}

async function activate() {
  const command = programOf()
  if (command === undefined) {
    void window.showErrorMessage('kn-rollout.path is relative; must be a name on the PATH or an absolute path')
    return
  }
  const documentSelector = ['yaml', 'json'].flatMap((language) => [
    { scheme: 'file', language },
    { scheme: 'untitled', language },
  ])
  const isWindows = process.platform === 'win32'
  const server = {
    command: isWindows ? `"${command}"` : command,
    args: ['lsp'],
    // A shell looks for a program where it starts: not in the folder of a workspace.
    options: { cwd: __dirname, shell: isWindows },
  }
  client = new LanguageClient('kn-rollout', 'kn-rollout', server, { documentSelector })
  await client.start()
}

function deactivate() {
  return client?.stop()
}

module.exports = { activate, deactivate }
