/** Where hosts of repositories show a commit, behind the address of the repository. */
const hosts: Readonly<Record<string, string>> = {
  'github.com': 'commit',
  'gitlab.com': '-/commit',
  'bitbucket.org': 'commits',
  'codeberg.org': 'commit',
}

/**
 * The address to put a commit's hash to, by the URL of a remote (`https://…` or `git@host:…`), where that is on a host that
 * is known. Nothing else of the URL gets into it, and so no password.
 */
export function commitPrefix(remote: string): string | undefined {
  const [, host = '', path = ''] =
    /^(?:https?|ssh|git):\/\/(?:[^@/\s]*@)?([\w.-]+)(?::\d+)?\/([\w./-]+)$/.exec(remote) ??
    /^(?:[\w-]+@)?([\w.-]+):([\w./-]+)$/.exec(remote) ??
    []
  const route = Object.hasOwn(hosts, host.toLowerCase()) ? hosts[host.toLowerCase()] : undefined
  const parts = path.replace(/\.git$|\/$/g, '').split('/')
  if (route === undefined || parts.length < 2 || parts.some((part) => /^\.*$/.test(part))) return undefined
  return `https://${host.toLowerCase()}/${parts.join('/')}/${route}/`
}
