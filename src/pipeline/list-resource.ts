import { yamlDiagnostic } from '../manifest/faults.js'
import { isList, member, type Json } from '../manifest/json.js'
import { parseYaml } from '../manifest/parse.js'
import { readDocument } from '../manifest/read.js'
import { spliceResource } from '../manifest/splice/resources.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits } from '../text/edit.js'
import type { SourceFile } from '../text/source.js'

/** A kustomization after a file beside it became one of its resources. */
export type Listed = {
  /** What it is now; the very text it was where the file is listed already. */
  readonly text: string
  /** The namespace that it gives to all of its resources. */
  readonly namespace?: string
}

/**
 * Has a kustomization list the file `name` beside it; the edit has been proved by reading it again. Otherwise says what
 * stands in the way, and what to add by hand.
 */
export function listResource(kustomization: SourceFile, name: string): Listed | readonly Diagnostic[] {
  const { documents, faults } = parseYaml(kustomization, true)
  const [document, second] = documents
  const { value, faults: own } = readDocument(document?.contents ?? null, kustomization.text)
  const byHand = `or print the manifest, save it, and add \`- ${name}\` to \`resources\` by hand`
  const wrong = [...faults, ...own].map((fault) => {
    return { ...yamlDiagnostic(kustomization, fault), severity: 'error' as const, help: `mend it, ${byHand}` }
  })
  if (wrong.length > 0) return wrong
  const namespace = member(value, 'namespace')
  const known = typeof namespace === 'string' && namespace !== '' ? { namespace } : {}
  if (!second && isListed(value, name)) return { text: kustomization.text, ...known }
  const message = 'a kustomization must be one document to be edited'
  const edits = second
    ? { code: 'KN414', message, help: 'split it', range: { start: second.range[0], end: second.range[1] } }
    : spliceResource(kustomization, document, name)
  if (!('code' in edits)) return { text: applyEdits(kustomization.text, edits), ...known }
  const { help, ...rest } = edits
  return [{ ...rest, severity: 'error', file: kustomization.path, path: 'resources', help: `${help}, ${byHand}` }]
}

function isListed(value: Json, name: string): boolean {
  const list = member(value, 'resources')
  return isList(list) && list.some((item) => typeof item === 'string' && item.replace(/^(?:\.\/+)+/, '') === name)
}
