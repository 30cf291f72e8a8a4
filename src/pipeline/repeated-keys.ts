import type { Kustomization } from '../kustomize/kustomization.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { yamlDiagnostic } from '../yaml/faults.js'
import { readDocument } from '../yaml/read.js'

/** The keys that stand twice in a kustomization, of which the first would silently be without effect. */
export function repeatedKeys({ file, document }: Kustomization): readonly Diagnostic[] {
  const { faults } = readDocument(document.contents, file.text)
  return faults
    .filter(({ code }) => code === 'KN105')
    .map((fault) => {
      const key = file.text.slice(fault.range.start, fault.range.end)
      const message = `key \`${key}\` appears twice in one mapping: kustomize uses the last one`
      return yamlDiagnostic(file, { ...fault, message, help: 'move the items of both under one key' })
    })
}
