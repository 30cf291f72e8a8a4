import { codeLabel } from '../pipeline/codes.js'
import type { Outcome } from '../pipeline/request.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { printable } from '../text/printable.js'
import { type Render, saysText, type Where, whereabouts } from './report.js'

/** Characters that no XML 1.0 document may hold, besides those that `printable` spells. */
const forbidden = /[\uFFFE\uFFFF]/g
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/**
 * Text for an element or an attribute. What would act on whoever looks at it is spelled, as `\x1b`, which XML could not
 * hold either; tabs and line ends come back as they were.
 */
function escapeXml(text: string): string {
  return text
    .split(/([\t\n\r])/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('')
    .replaceAll(forbidden, '\uFFFD')
    .replaceAll(/[&<>"'\t\n\r]/g, (character) => escapes[character] ?? character)
}

/** An element. Attributes and the text in it are escaped here; `children` are elements made by this function. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: { readonly text: string } | { readonly children: readonly string[] },
): string {
  const spelled = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
  const inside = 'text' in content ? escapeXml(content.text) : indented(content.children)
  return inside === '' ? `<${name}${spelled.join('')}/>` : `<${name}${spelled.join('')}>${inside}</${name}>`
}

/** Elements one a line, two spaces in. No text is moved by it: in text every line end is spelled. */
function indented(children: readonly string[]): string {
  return children.length === 0 ? '' : `\n${lines(children.join('\n'))}\n`
}

function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

/** A diagnostic and where it is. */
type Finding = { readonly diagnostic: Diagnostic; readonly where: Where }
/** What is reported as one test: a Service, or a diagnostic that is about none. */
type Case = { readonly name: string; readonly line: number; readonly findings: Finding[] }

/**
 * A JUnit report: a suite for each file that holds a Service or has a diagnostic, in it a case for each Service (those of
 * one name in one file share it) and for each diagnostic that is about no Service. Errors fail a case; warnings and notes
 * are its output.
 */
export const junitReport: Render = (outcome, options) => {
  const suites = [...casesByFile(outcome, whereabouts(outcome, options))].map(([file, cases]) => suiteOf(file, cases))
  const sum = (key: 'tests' | 'failures'): number => suites.reduce((total, suite) => total + suite[key], 0)
  const root = element(
    'testsuites',
    { name: 'kn-rollout', tests: sum('tests'), failures: sum('failures'), errors: 0 },
    { children: suites.map(({ xml }) => xml) },
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

function casesByFile(
  outcome: Outcome,
  where: (at: Diagnostic) => Where,
): ReadonlyMap<string, ReadonlyMap<string, Case>> {
  const files = new Map<string, Map<string, Case>>()
  const caseFor = (at: Where, key: string, name: string): Case => {
    const cases = files.get(at.file) ?? new Map<string, Case>()
    const one = cases.get(key) ?? { name, line: at.line, findings: [] }
    files.set(at.file, cases.set(key, one))
    return one
  }
  for (const { file, range, name, namespace } of outcome.services) {
    const label = namespace === undefined ? name : `${namespace}/${name}`
    caseFor(where({ code: '', severity: 'note', message: '', file, range }), `service ${label}`, label)
  }
  for (const [index, diagnostic] of outcome.diagnostics.entries()) {
    const at = where(diagnostic)
    const { service, code } = diagnostic
    const [key, name] =
      service === undefined ? [`own ${index}`, `${code} in line ${at.line}`] : [`service ${service}`, service]
    caseFor(at, key, name).findings.push({ diagnostic, where: at })
  }
  return files
}

function suiteOf(file: string, cases: ReadonlyMap<string, Case>): { tests: number; failures: number; xml: string } {
  const name = file === '' ? 'kn-rollout' : file
  const failures = [...cases.values()].filter(({ findings }) => findings.some(isError)).length
  const children = [...cases.values()].map((one) => caseOf(name, one))
  const counts = { tests: cases.size, failures, errors: 0, skipped: 0 }
  return { tests: cases.size, failures, xml: element('testsuite', { name, ...counts }, { children }) }
}

function caseOf(file: string, { name, line, findings }: Case): string {
  const [errors, others] = [findings.filter(isError), findings.filter((finding) => !isError(finding))]
  const [first] = errors
  const children: string[] = []
  if (first) {
    const { message, code } = first.diagnostic
    const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`
    children.push(element('failure', { message: `${message}${more}`, type: codeLabel(code) }, { text: said(errors) }))
  }
  if (others.length > 0) children.push(element('system-out', {}, { text: said(others) }))
  return element('testcase', { name, classname: file, file, line }, { children })
}

function isError({ diagnostic }: Finding): boolean {
  return diagnostic.severity === 'error'
}

function said(findings: readonly Finding[]): string {
  return findings
    .map(({ diagnostic: { code, severity, message, help, says }, where: { file, line, column } }) => {
      const place = file === '' ? '' : `${file}:${line}:${column}: `
      const advice = `${help === undefined ? '' : `  help: ${help}\n`}${says ? `  ${saysText(says)}\n` : ''}`
      return `${place}${severity}: ${message} [${codeLabel(code)}]\n${advice}`
    })
    .join('')
}
