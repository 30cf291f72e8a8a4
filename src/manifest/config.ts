import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'

import type { Diagnostic, Severity } from '../text/diagnostic.js'
import { nearest } from '../text/nearest.js'
import type { Range } from '../text/range.js'
import type { SourceFile } from '../text/source.js'
import { isLasting, ownFaults } from './own-faults.js'
import { parseYaml, type YamlDocument } from './parse.js'

/** How loud a code is, or that it is not judged at all. */
export type RuleSetting = Severity | 'off'

/** What a configuration file says, as `schemas/config.json` describes it. */
export type Config = {
  /** By code. Any severity turns an optional rule on. */
  readonly rules: Readonly<Record<string, RuleSetting>>
}

/** What a configuration says; with faults nothing of it counts. */
export type ConfigReading = { readonly config: Config; readonly faults: readonly Diagnostic[] }

const keys = ['rules']
const settings: readonly string[] = ['off', 'note', 'warning', 'error'] satisfies readonly RuleSetting[]

/** Reads a configuration. Pure and total: what is wrong with it ends in faults. `codes` are all that there are. */
export function readConfig(file: SourceFile, codes: readonly string[]): ConfigReading {
  const reader = new Reader(file.path, codes)
  const { documents, faults } = parseYaml(file)
  for (const { message, help, range } of faults) reader.complain(range, message, help)
  const [document, second] = documents
  if (second) reader.complain(rangeOf(second.contents), `\`${file.path}\` must be one document, but has more`)
  if (document) reader.root(document)
  return { config: { rules: reader.rules }, faults: reader.faults }
}

class Reader {
  readonly rules: Record<string, RuleSetting> = {}
  readonly faults: Diagnostic[] = []

  constructor(
    private readonly path: string,
    private readonly codes: readonly string[],
  ) {}

  complain(range: Range, message: string, help?: string): void {
    const { severity } = ownFaults.KN191
    this.faults.push({ code: 'KN191', severity, message, ...(help && { help }), file: this.path, range })
  }

  root(document: YamlDocument): void {
    for (const [key, value, range] of this.members(document, document.contents, `\`${this.path}\``, '')) {
      if (keys.includes(key)) this.readRules(document, value, range)
      else this.complain(range, `\`${key}\` must be a known key, but is not`, meant(key, keys, 'the keys are `rules`'))
    }
  }

  private readRules(document: YamlDocument, node: Node | null, keyRange: Range): void {
    for (const [code, value, range] of this.members(document, node, '`rules`', 'rules.', keyRange)) {
      if (isLasting(code))
        this.complain(range, `\`rules\` must not set \`${code}\`: it is an error or a note wherever it is found`)
      else if (this.codes.includes(code)) this.readSetting(document, code, value, range)
      else {
        const help = meant(code, this.codes, 'the codes are in the README, as in `KN312: error`')
        this.complain(range, `\`rules\` must name codes, but \`${code}\` is none`, help)
      }
    }
  }

  private readSetting(document: YamlDocument, code: string, node: Node | null, keyRange: Range): void {
    const value = resolved(document, node)
    const text = isScalar(value) ? String(value.value) : ''
    if (isScalar(value) && settings.includes(text)) this.rules[code] = text as RuleSetting
    else {
      const message = `\`rules.${code}\` must be \`off\`, \`note\`, \`warning\` or \`error\`, but is ${kindOf(value)}`
      this.complain(isNothing(value) ? keyRange : rangeOf(node), message, meant(text, settings, abbreviated(text)))
    }
  }

  /** The members of a mapping with the places of their keys; nothing at all is an empty one. */
  private members(
    document: YamlDocument,
    node: Node | null,
    name: string,
    prefix: string,
    keyRange?: Range,
  ): readonly (readonly [key: string, value: Node | null, range: Range])[] {
    const mapping = resolved(document, node)
    if (isNothing(mapping)) return []
    if (!isMap(mapping)) {
      this.complain(keyRange ?? rangeOf(node), `${name} must be a mapping, but is ${kindOf(mapping)}`)
      return []
    }
    const seen = new Set<string>()
    return (mapping as YAMLMap<Node, Node | null>).items.map(({ key, value }) => {
      const text = isScalar(key) ? String(key.value) : kindOf(key)
      if (seen.has(text)) this.complain(rangeOf(key), `\`${prefix}${text}\` must not stand twice`)
      seen.add(text)
      return [text, value, rangeOf(key)]
    })
  }
}

function resolved(document: YamlDocument, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node
}

function isNothing(node: Node | null): boolean {
  return (
    node === null || (isScalar(node) && node.type === 'PLAIN' && /^(?:|~|null|Null|NULL)$/.test(String(node.value)))
  )
}

function kindOf(node: Node | null): string {
  if (isMap(node)) return 'a mapping'
  if (isSeq(node)) return 'a list'
  return isScalar(node) && node.value !== '' ? `\`${String(node.value)}\`` : 'empty'
}

function rangeOf(node: Node | null): Range {
  const [start, end] = node?.range ?? [0, 0]
  return { start, end }
}

function abbreviated(word: string): string | undefined {
  const whole = word === '' ? undefined : settings.find((one) => one.startsWith(word.toLowerCase()))
  return whole === undefined ? undefined : `did you mean \`${whole}\`?`
}

function meant(word: string, known: readonly string[], otherwise?: string): string | undefined {
  const close = nearest(word, known)
  return close === undefined ? otherwise : `did you mean \`${close}\`?`
}
