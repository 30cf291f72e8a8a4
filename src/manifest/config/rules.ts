import { isScalar } from 'yaml'

import type { Severity } from '../../text/diagnostic.js'
import { isLasting } from '../../codes/code.js'
import { kindOf, meant, type ConfigReader, type Place } from './reader.js'

/** How loud a code is, or that it is not judged at all. */
export type RuleSetting = Severity | 'off'

const settings: readonly string[] = ['off', 'note', 'warning', 'error'] satisfies readonly RuleSetting[]

/** Reads `rules`: a severity by code. */
export function readRules(
  reader: ConfigReader,
  { value, keyRange }: Place,
  codes: readonly string[],
): Readonly<Record<string, RuleSetting>> {
  const rules: Record<string, RuleSetting> = {}
  for (const place of reader.members(value, '`rules`', 'rules.', keyRange)) {
    const code = place.key
    if (isLasting(code))
      reader.complain(
        place.keyRange,
        `\`rules\` must not set \`${code}\`: it is an error or a note wherever it is found`,
      )
    else if (codes.includes(code)) {
      const setting = readSetting(reader, place)
      if (setting !== undefined) rules[code] = setting
    } else {
      const help = meant(code, codes, 'the codes are in the README, as in `KN312: error`')
      reader.complain(place.keyRange, `\`rules\` must name codes, but \`${code}\` is none`, help)
    }
  }
  return rules
}

function readSetting(reader: ConfigReader, place: Place): RuleSetting | undefined {
  const value = reader.resolved(place.value)
  const text = isScalar(value) ? String(value.value) : ''
  if (isScalar(value) && settings.includes(text)) return text as RuleSetting
  const message = `\`rules.${place.key}\` must be \`off\`, \`note\`, \`warning\` or \`error\`, but is ${kindOf(value)}`
  reader.complain(reader.at(place), message, meant(text, settings, abbreviated(text)))
  return undefined
}

function abbreviated(word: string): string | undefined {
  const whole = word === '' ? undefined : settings.find((one) => one.startsWith(word.toLowerCase()))
  return whole === undefined ? undefined : `did you mean \`${whole}\`?`
}
