import { printable } from '../text/printable.js'

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
export function escapeXml(text: string): string {
  return text
    .split(/([\t\n\r])/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('')
    .replaceAll(forbidden, '\uFFFD')
    .replaceAll(/[&<>"'\t\n\r]/g, (character) => escapes[character] ?? character)
}

/** An element. Attributes and the text in it are escaped here; `children` are elements made by this function. */
export function element(
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
