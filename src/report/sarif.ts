import { allCodes } from '../pipeline/codes.js'
import { type Explanation, explanations } from '../pipeline/explain.js'
import type { Outcome } from '../pipeline/request.js'
import type { Diagnostic, Fix } from '../text/diagnostic.js'
import { jsonText, printable } from '../text/printable.js'
import { fenced } from './markdown-text.js'
import {
  fingerprints,
  fullText,
  Positions,
  type Render,
  type TextPosition,
  uriOf,
  whereabouts,
  worstFirst,
} from './report.js'

const schema = 'https://json.schemastore.org/sarif-2.1.0.json'

/** GitHub's code scanning refuses a run with more results. */
const limit = 25_000

/**
 * A SARIF 2.1.0 log with one run: every code is a rule, every diagnostic a result, its fix proposed as replacements.
 * Lines and columns count from 1, columns in UTF-16 units. Of more results than services take, the worst are kept, those
 * of changed files first, and a notification counts the others.
 */
export const sarifReport: Render = (outcome, options) => {
  const driver = { name: 'kn-rollout', version: options.version, rules: explanations().map(ruleOf) }
  const cut = outcome.diagnostics.length - limit
  const kept = cut > 0 ? worstFirst(outcome.diagnostics, options).slice(0, limit) : outcome.diagnostics
  const results = resultsOf({ ...outcome, diagnostics: kept }, whereabouts(outcome, options))
  const run = {
    tool: { driver },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
    results,
    ...(cut > 0 && { invocations: [cutShort(cut)] }),
  }
  return `${jsonText({ $schema: schema, version: '2.1.0', runs: [run] })}\n`
}

function cutShort(cut: number): object {
  const text = `${cut} more ${cut === 1 ? 'result' : 'results'} not shown: GitHub accepts ${limit} results in a run`
  return { executionSuccessful: true, toolExecutionNotifications: [{ level: 'note', message: { text } }] }
}

/** GitHub cuts a longer description. */
const longestDescription = 1024

function ruleOf(explanation: Explanation): object {
  const { code, name, severity, title, why, source } = explanation
  const text = source === undefined ? title : `${title} (in Knative: ${source})`
  return {
    id: code,
    name,
    shortDescription: { text: plain(title) },
    fullDescription: { text: plain(whole(why)) },
    defaultConfiguration: { level: severity },
    help: { text: plain(text), markdown: page(explanation) },
  }
}

/** As many sentences of a text as a description may have. */
function whole(text: string): string {
  if (text.length <= longestDescription) return text
  return text.slice(0, text.lastIndexOf('. ', longestDescription - 1) + 1)
}

/** What `explain` shows of a code, in Markdown. */
function page({ code, name, severity, optional, fixable, title, why, source, example }: Explanation): string {
  const parts = [
    `**${code} ${name}** (${severity}${optional ? ', optional' : ''}${fixable ? ', fixable' : ''}): ${title}`,
    why,
    ...(example?.before ?? []).map((text) => manifest('Before', text)),
    ...(example ? [manifest('Bad', example.bad), manifest('Good', example.good)] : []),
    ...(source === undefined ? [] : [`Source: \`${source}\``]),
  ]
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`
}

function manifest(word: string, text: string): string {
  return `${word}:\n\n${fenced('yaml', text.trimEnd().split('\n'))}`
}

function resultsOf(outcome: Outcome, where: ReturnType<typeof whereabouts>): readonly object[] {
  const places = new Positions(outcome.files)
  const found = outcome.diagnostics.map((diagnostic) => ({ ...diagnostic, ...where(diagnostic) }))
  const prints = fingerprints(found)
  return outcome.diagnostics.map(({ fix, service, ...diagnostic }, index) => {
    const { code, severity, file: path } = diagnostic
    const place = found[index]
    const ruleIndex = allCodes().findIndex((row) => row.code === code)
    const artifactLocation = uriOf(place?.file ?? path)
    return {
      ruleId: code,
      ...(ruleIndex < 0 ? {} : { ruleIndex }),
      level: severity,
      message: { text: plain(fullText(diagnostic)) },
      ...(path === '' || !place ? {} : { locations: [locationOf(artifactLocation, place, service)] }),
      partialFingerprints: { 'knRollout/v1': prints[index] },
      ...(fix ? { fixes: [fixOf(fix, path, artifactLocation, places)] } : {}),
    }
  })
}

function locationOf(artifactLocation: object, place: TextPosition, service: Diagnostic['service']): object {
  return {
    physicalLocation: { artifactLocation, region: regionOf(place) },
    ...(service === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: service, kind: 'resource' }] }),
  }
}

function regionOf({ line, column, endLine, endColumn }: TextPosition): object {
  return { startLine: line, startColumn: column, endLine, endColumn }
}

function fixOf({ description, edits }: Fix, path: string, artifactLocation: object, places: Positions): object {
  const replacements = edits.map(({ range, text }) => ({
    deletedRegion: regionOf(places.of(path, range)),
    ...(text === '' ? {} : { insertedContent: { text } }),
  }))
  return { description: { text: plain(description) }, artifactChanges: [{ artifactLocation, replacements }] }
}

/**
 * A message in which nothing is a link or a placeholder. Braces are doubled, as SARIF has it. It has no escape for brackets
 * that every viewer knows, some do not know its backslash, and a link is only what has `](` in it: that is spelled.
 *
 * Source: SARIF 2.1.0, 3.11.5 and 3.11.6.
 */
function plain(text: string): string {
  const lines = text.split('\n').map(printable).join('\n')
  return lines.replaceAll('](', String.raw`]\x28`).replaceAll(/[{}]/g, '$&$&')
}
