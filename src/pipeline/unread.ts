import { plural } from '../text/plural.js'
import type { Diagnostic, Severity } from '../text/diagnostic.js'

/** What stands in a repository and was not looked into: one row a code. */
export const unreadRemarks = {
  KN120: { severity: 'note', title: 'Submodule is not checked' },
  KN121: { severity: 'note', title: 'Files outside the sparse checkout are not checked' },
  KN122: { severity: 'note', title: 'Git LFS file is not checked' },
  KN123: { severity: 'error', title: 'File name is not UTF-8' },
  KN124: { severity: 'note', title: 'Tracked files under an ignore rule are not checked' },
} as const satisfies Readonly<Record<string, { severity: Severity; title: string }>>

/** Something that Git lists, and nobody could read: a submodule, outside the sparse checkout, its name no UTF-8. */
export type LostPath = { readonly why: 'submodule' | 'sparse' | 'name'; readonly path: string }

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
    const diagnostic =
      one.why === 'git'
        ? remark('KN124', '', lostBy(one))
        : one.why === 'submodule'
          ? remark('KN120', one.path, {
              message: `not checked: submodule \`${one.path}\``,
              help: 'run the command inside the submodule to check its files',
            })
          : remark('KN123', one.path, {
              message: 'the file name must be UTF-8, but has other bytes: nothing in the file was read',
              help: 'rename the file',
            })
    told.set(`${diagnostic.file} ${diagnostic.message}`, diagnostic)
  }
  const [first] = [...sparse].toSorted()
  return [...told.values(), ...(first === undefined ? [] : [outside(first, sparse.size)])]
}

function outside(first: string, count: number): Diagnostic {
  return remark('KN121', first, {
    message: `not checked: outside the sparse checkout (${plural(count, 'file')}, the first is \`${first}\`)`,
    help: 'run `git sparse-checkout add FOLDER` or `git sparse-checkout disable` to check them',
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
