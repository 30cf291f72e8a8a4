import type { YamlFault } from './faults.js'

const object = /^[\s\uFEFF]*\{/

/**
 * kubectl takes a file that begins with `{` for JSON, not for YAML in flow style, and then for nothing else. Undefined
 * where it can read the file.
 *
 * Source: k8s.io/apimachinery/pkg/util/yaml/decoder.go GuessJSONStream.
 */
export function jsonFault(text: string): YamlFault | undefined {
  if (!object.test(text)) return undefined
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''))
    return undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const start = text.indexOf('{')
    return {
      code: 'KN101',
      message: 'a file that begins with `{` must be JSON throughout: kubectl does not read it as YAML',
      help: 'quote all keys and texts and drop trailing commas and comments, or begin the file with a line `---`',
      range: { start, end: start + 1 },
    }
  }
}
