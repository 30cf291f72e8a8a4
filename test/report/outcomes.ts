import type { Outcome } from '../../src/pipeline/request.js'
import { paint } from '../../src/report/cells.js'
import type { ReportOptions } from '../../src/report/report.js'
import type { Diagnostic } from '../../src/text/diagnostic.js'
import type { Range } from '../../src/text/source.js'

/** What a report is asked for where a test wants nothing special. */
export const plainly: ReportOptions = { colours: paint(false), version: '1.2.3', folder: '' }

/** An outcome that holds what a test is about and nothing else. */
export function outcomeOf(parts: Partial<Outcome>): Outcome {
  return { files: [], services: [], diagnostics: [], changes: [], ...parts }
}

/** Where `part` stands in `text`. */
export function rangeOf(text: string, part: string): Range {
  const start = text.indexOf(part)
  if (start < 0) throw new Error(`no ${part} in the text`)
  return { start, end: start + part.length }
}

/** A diagnostic of `a.yaml`, but for what is given. */
export function diagnosticOf(parts: Partial<Diagnostic>): Diagnostic {
  return { code: 'KN301', severity: 'error', message: 'it must be so', file: 'a.yaml', ...parts }
}

/** Names and texts that break reports which do not take care. */
export const hostile = [
  'two\nlines',
  'carriage\rreturn\r\nboth',
  '100%25 % %0A',
  '::error file=x::y',
  '\n::stop-commands::token',
  'a,b=c:d',
  `"double" 'single' \`back\``,
  '<b>&amp;</b>',
  ']]> <![CDATA[',
  '--> <!-- ]]',
  '😀 e\u0301 \u{1F468}\u200D\u{1F469}',
  'line\u2028separator\u2029',
  'bell\u0007 escape\u001B[31m nul\u0000 del\u007F',
  'override\u202Etxt',
  'half \uD83D and \uDE00',
  'not\uFFFEa\uFFFFcharacter',
  '[click](http://example.com)',
  '{0} {{.Service}} ${x}',
  '../up and #hash ?query',
  ' tab\tand space ',
]

/** An outcome for each hostile text: as file name, Service, namespace, message, help and in the file itself. */
export const hostileOutcomes: readonly { readonly name: string; readonly outcome: Outcome }[] = hostile.map((name) => {
  const text = `\uFEFFkind: ${name}\nmetadata: ${name}`
  const range = { start: 5, end: text.length - 2 }
  const shared = { file: name, range, message: `must not be ${name}`, help: name, path: name }
  return {
    name,
    outcome: outcomeOf({
      files: [{ path: name, text }],
      services: [{ file: name, range, name, namespace: name, profile: 'knative' }],
      diagnostics: [
        diagnosticOf({ ...shared, service: `${name}/${name}` }),
        diagnosticOf({ ...shared, severity: 'warning', service: `${name}/${name}` }),
        diagnosticOf({ ...shared, severity: 'note' }),
        diagnosticOf({ ...shared, fix: { description: name, edits: [{ range, text: name }] } }),
        diagnosticOf({ file: '', message: name }),
      ],
    }),
  }
})
