import type { NamedChange, TemplateChange } from '../stages/template-change.js'
import { printable } from '../text/printable.js'

/** What a change does to the template, one line a kind. Values of variables are left out: they may be secrets. */
export function templateText(template: TemplateChange): string {
  return templateLines(template)
    .map((line) => `  ${printable(line)}\n`)
    .join('')
}

/** The same as lines that nothing is escaped in. */
export function templateLines(template: TemplateChange): readonly string[] {
  const { image, env, annotations, revisionName, restored, spelled } = template
  const lines: string[] = []
  if (restored) lines.push(`template: back to the one of ${restored.revision} at ${restored.commit}`)
  if (image) lines.push(`image of ${image.container}: ${image.before} → ${image.after}`)
  if (env) lines.push(`env: ${namedText(env)}`)
  if (annotations) lines.push(`annotations: ${namedText(annotations)}`)
  if (revisionName) lines.push(`revision name: ${revisionName.before ?? '(generated)'} → ${revisionName.after}`)
  if (spelled) lines.push(`spelled: ${spelled.join(', ')}`)
  return lines
}

function namedText(changes: readonly NamedChange[]): string {
  return changes.map(({ name, kind }) => `${name} ${kind}`).join(', ')
}
