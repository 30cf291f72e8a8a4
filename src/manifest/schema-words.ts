import { nearest } from '../text/nearest.js'
import { numeral } from './json.js'
import { plural } from '../text/plural.js'

/** What a limit of a schema asks for, behind `must`: `be one of "a", "b"`. */
export function asked(keyword: string, params: Readonly<Record<string, unknown>>): string {
  const { limit, comparison } = params
  switch (keyword) {
    case 'const':
      return `be ${JSON.stringify(params['allowedValue'])}`
    case 'enum':
      return `be ${oneOf(listed(params['allowedValues']).map((value) => JSON.stringify(value)))}`
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return bound(String(comparison), typeof limit === 'number' ? numeral(limit) : String(limit))
    case 'multipleOf':
      return `be a multiple of ${String(params['multipleOf'])}`
    case 'minLength':
    case 'maxLength':
      return `have ${atMost(keyword)} ${plural(Number(limit), 'character')}`
    case 'minItems':
    case 'maxItems':
      return `have ${atMost(keyword)} ${plural(Number(limit), 'item')}`
    case 'minProperties':
    case 'maxProperties':
      return `have ${atMost(keyword)} ${plural(Number(limit), 'field')}`
    case 'pattern':
      return `match \`${String(params['pattern'])}\``
    case 'format':
      return `fit into \`${String(params['format'])}\``
    case 'anyOf':
    case 'oneOf':
      return 'fit one of the forms that the schema allows'
    case 'contains':
      return 'have an item of the kind that the schema asks for'
    case 'propertyNames':
      return `have no field of the name \`${String(params['propertyName'])}\``
    case '$ref':
      return 'be judged by a schema that does not refer to itself without end'
    case 'not':
      return 'not fit what the schema rules out'
    default:
      return `pass \`${keyword}\` of the schema`
  }
}

/** How many words fit into a line of alternatives. */
const most = 20

/** `a`, or `one of a, b`, cut where there are too many for a line. */
export function oneOf(words: readonly string[]): string {
  const shown = words.slice(0, most).join(', ')
  if (words.length > most) return `one of ${shown} and ${words.length - most} more`
  return words.length === 1 ? shown : `one of ${shown}`
}

/** What to write in place of a word that is not known. */
export function meantAmong(word: string, known: readonly string[]): string | undefined {
  const meant = nearest(word, known)
  if (meant !== undefined) return `did you mean \`${meant}\`?`
  return known.length > 0 ? `known here: ${known.join(', ')}` : undefined
}

function bound(comparison: string, limit: string): string {
  if (comparison === '>=') return `not be less than ${limit}`
  if (comparison === '<=') return `not be more than ${limit}`
  return comparison === '>' ? `be more than ${limit}` : `be less than ${limit}`
}

function atMost(keyword: string): string {
  return keyword.startsWith('max') ? 'at most' : 'at least'
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
