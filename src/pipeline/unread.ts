import type { CodeRow } from '../codes/code.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { plural } from '../text/words.js'
import { yamlFaults } from '../yaml/faults.js'

/** What was not looked into, or had nothing in it to look at: one row a code. */
export const unreadRemarks = {
  KN117: {
    name: 'nothing-validated',
    severity: 'note',
    title: 'Named file has nothing to validate',
    why: () =>
      'A run that finds no Knative Service finds no error either, so a wrong path would pass forever. `kn-rollout` therefore reports a file that you name if it has no Service of `serving.knative.dev`; in a directory, it skips such files silently. Check the path, the group and the kind.',
  },
  KN118: {
    name: 'change-not-checked',
    severity: 'warning',
    title: 'Change has no Service to check',
    why: () =>
      'The change touches manifests or kustomizations, but `check` found no Knative Service in them, neither at the base commit nor at the head. A wrong group, kind or path would pass forever. Check the manifest, and whether a kustomization still lists it.',
  },
  KN120: {
    name: 'submodule-not-checked',
    severity: 'note',
    title: 'Submodule is not checked',
    why: () =>
      'A submodule is another repository; this one records only its commit. Argo CD checks it out by default, and Flux if `recurseSubmodules` is set, so its files may be applied. Run the command inside the submodule as well, and review the commit that it changes to.',
  },
  KN121: {
    name: 'sparse-not-checked',
    severity: 'note',
    title: 'Files outside the sparse checkout are not checked',
    why: () =>
      'A sparse checkout leaves tracked files out of the working tree, so they cannot be read. Those files were not validated, and overlays among them were not seen. Check out more of the tree, or use `check --head`, which reads commits.',
  },
  KN122: {
    name: 'lfs-not-checked',
    severity: 'note',
    title: 'Git LFS file is not checked',
    why: () =>
      'Git LFS keeps the content of the file on a server, and this clone has only the pointer to it. Argo CD fetches it only if that is enabled for the repository, and Flux never does. Fetch the content to validate it, or remove the manifests from Git LFS.',
  },
  KN123: {
    name: 'non-utf8-name',
    severity: 'error',
    title: 'File name is not UTF-8',
    why: () =>
      '`kn-rollout` handles file names as UTF-8 text, so it can neither open such a file nor name it in a report or a diff. kubectl and GitOps controllers may still apply it. Rename the file.',
  },
  KN124: {
    name: 'ignored-not-checked',
    severity: 'note',
    title: 'Tracked files under an ignore rule are not checked',
    why: () =>
      'Only Git shows which files are tracked although a `.gitignore` names them. Git could not be used here, so `kn-rollout` skipped every file that an ignore rule names. If Git refuses a repository of another user, as in a container that runs as root, add the directory to `safe.directory`.',
  },
  KN128: {
    name: 'content-not-checked',
    severity: 'note',
    title: 'File content is missing from the clone and is not checked',
    why: () =>
      'A partial clone (`git clone --filter`) has the names of all files and fetches their content when Git needs it. `kn-rollout` fetches nothing, so it could not read this file; of a kustomization, nothing in its directory was checked. Everything else was checked. Fetch the content, or clone without a filter.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** Something that was found, and nobody could read: a submodule, outside the sparse checkout, its name no UTF-8, a template, content that a partial clone lacks, be it that of the kustomization of a directory. */
export type LostPath = {
  readonly why: 'submodule' | 'sparse' | 'name' | 'template' | 'lacking' | 'lacking root'
  readonly path: string
}

/** Git itself does not work there: why, and what to do. */
export type Untold = { readonly why: 'git'; readonly reason: string; readonly help?: string }

export type Unread = LostPath | Untold

type Told = Pick<Diagnostic, 'message' | 'help'>

/** Says what was not looked into: each once, the files outside a sparse checkout together. */
export function unreadDiagnostics(unread: readonly Unread[]): readonly Diagnostic[] {
  const sparse = new Set(unread.flatMap((one) => (one.why === 'sparse' ? [one.path] : [])))
  const told = new Map<string, Diagnostic>()
  for (const one of unread) {
    if (one.why === 'sparse') continue
    const diagnostic = one.why === 'git' ? remark('KN124', '', lostBy(one)) : lost(one.why, one.path)
    told.set(`${diagnostic.file} ${diagnostic.message}`, diagnostic)
  }
  const [first] = [...sparse].toSorted()
  return [...told.values(), ...(first === undefined ? [] : [outside(first, sparse.size)])]
}

function lost(why: Exclude<LostPath['why'], 'sparse'>, path: string): Diagnostic {
  if (why === 'submodule')
    return remark('KN120', path, {
      message: `not checked: submodule \`${path}\``,
      help: 'run the command inside the submodule to check its files',
    })
  if (why === 'name')
    return remark('KN123', path, {
      message: 'not checked: this file (its name is not UTF-8)',
      help: 'rename the file',
    })
  if (why === 'lacking' || why === 'lacking root')
    return remark('KN128', path, {
      message: `not checked: this file${why === 'lacking' ? '' : ' and its directory'} (the clone does not have its content)`,
      help: 'run `git fetch --refetch --no-filter`, or clone without `--filter`',
    })
  const ending = path.slice(path.lastIndexOf('.'))
  return {
    code: 'KN103',
    severity: yamlFaults.KN103.severity,
    message: `not checked: this file (\`${ending}\` is the ending of a template, and it has a Knative Service)`,
    help: 'render it, and pass the result to `kn-rollout validate -`',
    file: path,
  }
}

function outside(first: string, count: number): Diagnostic {
  return remark('KN121', first, {
    message: `not checked: outside the sparse checkout (${plural(count, 'file')}, the first is \`${first}\`)`,
    help: 'run `git sparse-checkout add DIRECTORY` or `git sparse-checkout disable`, and run this again',
  })
}

function lostBy({ reason, help }: Untold): Told {
  return {
    message: `not checked: tracked files that an ignore rule names (${reason})`,
    ...(help !== undefined && { help }),
  }
}

function remark(code: keyof typeof unreadRemarks, file: string, told: Told): Diagnostic {
  return { code, severity: unreadRemarks[code].severity, file, ...told }
}

/** The diagnostic of a file that holds nothing but where Git LFS keeps its content. */
export function pointerDiagnostic(file: string): Diagnostic {
  return remark('KN122', file, {
    message: 'not checked: the file is a Git LFS pointer',
    help: 'run `git lfs pull` to fetch its content, or keep manifests out of Git LFS',
  })
}
