import { type Document, visit, type YAMLParseError } from 'yaml'

import type { CodeRow } from '../codes/code.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Range, SourceFile } from '../text/source.js'

/** What can be wrong with a file before anyone looks for a Service in it: one row a code. */
export const yamlFaults = {
  KN101: {
    name: 'invalid-yaml',
    severity: 'error',
    title: 'File is not valid YAML',
    why: () =>
      'Nothing that reads YAML can read this file, so neither a GitOps controller nor kubectl will apply any of it. A frequent cause is a colon and a space inside of a text: put the text in quotes.',
  },
  KN102: {
    name: 'invalid-utf8',
    severity: 'error',
    title: 'File is not UTF-8',
    why: () =>
      'YAML is read as UTF-8, and bytes that are none would be lost or replaced on the way. Save the file as UTF-8 in your editor.',
  },
  KN103: {
    name: 'unrendered-template',
    severity: 'note',
    title: 'File is a Helm or Go template and was skipped',
    why: () =>
      'What stands here becomes a manifest only when a tool has rendered it, so it cannot be judged, and no edit of it could be exact. Render the template and look at the result.',
  },
  KN104: {
    name: 'file-too-large',
    severity: 'error',
    title: 'File is too large',
    why: () =>
      'No manifest is that large, since the cluster itself stores about 1.5 MB for an object, and reading it would only take time and memory. Split the file, or leave it out of the paths.',
  },
  KN105: {
    name: 'duplicate-key',
    severity: 'warning',
    title: 'Mapping key appears twice',
    why: () =>
      'kubectl takes the last of the two without a word, while kustomize and others refuse the file. What you see may not be what runs: keep one of the keys.',
  },
  KN106: {
    name: 'non-string-key',
    severity: 'error',
    title: 'Mapping key is not a string',
    why: () =>
      'A manifest is sent to the cluster as JSON, whose keys are texts. A key that is empty, a list or a mapping cannot be sent as it is: write a text, in quotes if need be.',
  },
  KN107: {
    name: 'broken-alias',
    severity: 'error',
    title: 'YAML alias cannot be resolved',
    why: () =>
      'An alias repeats what an anchor of the same name marked earlier in the document. Without that anchor, or inside of itself, it stands for nothing: write the value out.',
  },
  KN108: {
    name: 'non-json-value',
    severity: 'error',
    title: 'Value cannot be represented in JSON',
    why: () =>
      'A manifest is sent to the cluster as JSON, which knows no infinity and no NaN. Put the value in quotes if you mean the text, or write a number.',
  },
  KN109: {
    name: 'document-marker',
    severity: 'error',
    title: 'kubectl rejects this directive or document marker',
    why: () =>
      'kubectl cuts a file into documents at the lines that begin with three dashes, before anything reads it as YAML, and then stumbles over directives and over text behind the dashes. Remove the directive, and put the text on a line of its own.',
  },
  KN110: {
    name: 'nested-too-deeply',
    severity: 'error',
    title: 'YAML is nested too deeply',
    why: () =>
      'Such depth is never meant in a manifest, and readers of YAML guard themselves against it by refusing the file. Look for brackets that are not closed, or for generated text.',
  },
  KN111: {
    name: 'not-kubernetes-object',
    severity: 'error',
    title: 'Document is not a Kubernetes object',
    why: () =>
      'The cluster tells by `apiVersion` and `kind` what to do with a document, and refuses one that does not say. Add both, or move it into a file that is not applied.',
  },
  KN112: {
    name: 'ambiguous-value',
    severity: 'warning',
    title: 'kubectl and kustomize read this value differently',
    why: () =>
      'kubectl and Argo CD read YAML 1.1, kustomize and Flux mostly YAML 1.2, and here they come to different values. The file would change its meaning with the tool: use quotes, or write what all read alike.',
  },
  KN113: {
    name: 'yaml-like-json',
    severity: 'warning',
    title: 'kubectl 1.32 and older read this file as JSON and fail',
    why: () =>
      'kubectl up to 1.32 decides by the first character, and takes a file that begins with a brace for JSON alone. Today it goes on to read such a file as YAML, as GitOps controllers do. A line of three dashes at the top makes all of them agree.',
  },
  KN114: {
    name: 'irregular-file',
    severity: 'error',
    title: 'Path is not a regular file',
    why: () =>
      'A repository holds manifests as regular files. A device or a pipe has no text that could be reviewed, and reading one may never end; a link that leads nowhere has none either. Nothing of it was read: put a file in its place.',
  },
  KN125: {
    name: 'test-assertion',
    severity: 'note',
    title: 'File is an assertion of a test and was skipped',
    why: () =>
      'kuttl and chainsaw compare live objects with the files that are named so beside their tests. Such a file has what the test looks at and no more, so there is nothing to check. A file that a kustomization names is checked, whatever its name.',
  },
  KN126: {
    name: 'placeholder',
    severity: 'note',
    title: 'Not checked: value is filled in later',
    why: () =>
      'Helm, Flux, envsubst and others put a value in the place of `${X}`, `{{ x }}` and the like before anything is applied. What it will be no file tells, so it is not checked, and the rest of the manifest is. Fill it in and pipe the result to `kn-rollout validate -` to check all of it.',
  },
  KN127: {
    name: 'encrypted-value',
    severity: 'note',
    title: 'Not checked: value is encrypted by sops',
    why: () =>
      'What sops has encrypted only those can read who hold a key, so the value is not checked. The rest of the manifest is.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** The code of a row. */
export type YamlCode = keyof typeof yamlFaults

/** A problem of the YAML itself, before it belongs to a file. */
export type YamlFault = {
  readonly code: YamlCode
  readonly message: string
  readonly help?: string
  readonly range: Range
}

/** The diagnostic of a fault, once its file is known. */
export function yamlDiagnostic(file: SourceFile, fault: YamlFault): Diagnostic {
  return { severity: yamlFaults[fault.code].severity, file: file.path, ...fault }
}

/**
 * Where an error of the parser is shown: at a character that is to blame and can be seen. A quote that is never closed is
 * shown where it opens, what is indented wrongly at its first character, and what stops at the end at the last one.
 */
export function errorPlace(text: string, documents: readonly Document[], { message, pos }: YAMLParseError): Range {
  const [start, end] = pos
  const opening = message.startsWith('Missing closing') ? openingQuote(documents, start) : undefined
  if (opening !== undefined) return { start: opening, end: opening + 1 }
  const seen = firstSeen(text, start)
  return { start: seen, end: Math.max(seen + 1, Math.min(end, text.trimEnd().length)) }
}

/** Whether what a text means is known in spite of it. A template is no fault, but what it says is not known. */
export function isHarmless({ code }: YamlFault): boolean {
  return yamlFaults[code].severity !== 'error' && code !== 'KN103'
}

/**
 * The first offset from here on that is no white space and no comment, or that of the last character where nothing
 * follows; a tab is to blame itself.
 */
export function firstSeen(text: string, start: number): number {
  const gap = /(?:[ \r\n]+|(?<!\S)#.*)*/y
  gap.lastIndex = start
  const next = start + (gap.exec(text)?.[0].length ?? 0)
  return Math.max(0, Math.min(next, text.trimEnd().length - 1))
}

/** Where the quoted text begins that ends here. */
function openingQuote(documents: readonly Document[], end: number): number | undefined {
  let found: number | undefined
  for (const document of documents) {
    visit(document, {
      Scalar: (_, { type, range }) => {
        if (type?.startsWith('QUOTE') && range?.[1] === end) [found] = range
      },
    })
  }
  return found
}
