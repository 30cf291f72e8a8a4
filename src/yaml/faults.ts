import { type Document, visit, type YAMLParseError } from 'yaml'

import type { CodeRow } from '../codes/code.js'
import type { Diagnostic, Says } from '../text/diagnostic.js'
import type { Range, SourceFile } from '../text/source.js'

/** What can be wrong with a file before anyone looks for a Service in it: one row a code. */
export const yamlFaults = {
  KN101: {
    name: 'invalid-yaml',
    severity: 'error',
    title: 'File is not valid YAML',
    why: () =>
      'No YAML reader can read this file, so neither a GitOps controller nor kubectl applies any of it. A frequent cause is a colon and a space in a plain value. Put that value in quotes.',
  },
  KN102: {
    name: 'invalid-utf8',
    severity: 'error',
    title: 'File is not UTF-8',
    why: () =>
      'YAML files are UTF-8, and other bytes would be lost or replaced. Save the file as UTF-8 in your editor.',
  },
  KN103: {
    name: 'unrendered-template',
    severity: 'note',
    title: 'File is a Helm or Go template and was skipped',
    why: () =>
      'This file becomes a manifest only after a tool renders it, so `kn-rollout` can neither validate nor edit it. Render the template, and validate the result.',
  },
  KN104: {
    name: 'file-too-large',
    severity: 'error',
    title: 'File is too large',
    why: () =>
      'No manifest is that large: the cluster stores at most about 1.5 MB for an object. `kn-rollout` reads files of at most 8 MiB. Split the file, or exclude it from the paths.',
  },
  KN105: {
    name: 'duplicate-key',
    severity: 'warning',
    title: 'Mapping key appears twice',
    why: () =>
      'kubectl silently uses the last of the two, while kustomize and other readers reject the file. So the cluster may get another value than the one you read. Keep one of the keys.',
  },
  KN106: {
    name: 'non-string-key',
    severity: 'error',
    title: 'Mapping key is not a string',
    why: () =>
      'kubectl sends a manifest to the cluster as JSON, whose keys are strings. A key that is empty, a list or a mapping cannot be sent. Write a string, in quotes if necessary.',
  },
  KN107: {
    name: 'broken-alias',
    severity: 'error',
    title: 'YAML alias cannot be resolved',
    why: () =>
      'An alias repeats the text that an anchor of the same name marked earlier in the document. Without that anchor, or inside itself, it has no value. Write the value out.',
  },
  KN108: {
    name: 'non-json-value',
    severity: 'error',
    title: 'Value cannot be represented in JSON',
    why: () =>
      'kubectl sends a manifest to the cluster as JSON, which has no infinity and no NaN. Put the value in quotes for a string, or write a number.',
  },
  KN109: {
    name: 'document-marker',
    severity: 'error',
    title: 'kubectl rejects this directive or document marker',
    why: () =>
      'kubectl splits a file at the lines that start with three dashes before anything reads it as YAML, and then fails at directives and at text after the dashes. Remove the directive, and move the text to a separate line.',
  },
  KN110: {
    name: 'nested-too-deeply',
    severity: 'error',
    title: 'YAML is nested too deeply',
    why: () =>
      'No manifest needs such depth, and YAML readers reject the file to protect themselves. Look for brackets that are not closed, or for generated text.',
  },
  KN111: {
    name: 'not-kubernetes-object',
    severity: 'error',
    title: 'Document is not a Kubernetes object',
    why: () =>
      'Kubernetes uses `apiVersion` and `kind` to find the type of a document, and rejects a document without them. Add both, or move the document to a file that is not applied.',
  },
  KN112: {
    name: 'ambiguous-value',
    severity: 'warning',
    title: 'kubectl and kustomize read this value differently',
    why: () =>
      'kubectl and Argo CD read YAML 1.1, kustomize and Flux mostly YAML 1.2, and they read this value differently. The meaning of the file would change with the tool. Use quotes, or write a value that all read alike.',
  },
  KN113: {
    name: 'yaml-like-json',
    severity: 'warning',
    title: 'kubectl 1.32 and older read this file as JSON and fail',
    why: () =>
      'kubectl 1.32 and older read a file that starts with a brace only as JSON. Newer versions and GitOps controllers also read it as YAML. A line of three dashes at the top makes all of them agree.',
  },
  KN114: {
    name: 'irregular-file',
    severity: 'error',
    title: 'Path is not a regular file',
    why: () =>
      'A device or a pipe has no text to review, and reading one may never end; a symbolic link without a target has no text either. So `kn-rollout` read nothing there. Replace it with a regular file, or remove it.',
  },
  KN125: {
    name: 'test-assertion',
    severity: 'note',
    title: 'File is an assertion of a test and was skipped',
    why: () =>
      'kuttl and chainsaw compare objects in the cluster with these files next to their tests. Such a file has only the fields under test, so there is nothing to check. A file that a kustomization names is checked, whatever its name.',
  },
  KN126: {
    name: 'placeholder',
    severity: 'note',
    title: 'Not checked: value is filled in later',
    why: () =>
      'Helm, Flux, envsubst and others replace `${X}`, `{{ x }}` and similar text before anything is applied. No file shows the value, so it is not checked; the rest of the manifest is. Fill it in, and pass the result to `kn-rollout validate -`.',
  },
  KN127: {
    name: 'encrypted-value',
    severity: 'note',
    title: 'Not checked: value is encrypted by sops',
    why: () =>
      'Only the owners of a key can read a value that sops has encrypted, so it is not checked. The rest of the manifest is checked. Decrypt the file, and pass the result to `kn-rollout validate -`.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** The code of a row. */
export type YamlCode = keyof typeof yamlFaults

/** A problem of the YAML itself, before it belongs to a file. */
export type YamlFault = {
  readonly code: YamlCode
  readonly message: string
  readonly help?: string
  readonly says?: Says
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
