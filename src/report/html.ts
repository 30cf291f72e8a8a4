import { printable } from '../text/printable.js'
import { sha256 } from '../text/sha256.js'

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for an element or for an attribute in quotes: nothing in it is markup, and what nobody sees is spelled. */
export function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (sign) => signs[sign] ?? '')
}

/** Parts of a page, one below the other. */
export function lines(...parts: readonly (string | readonly string[])[]): string {
  return parts
    .flat()
    .filter((part) => part !== '')
    .join('\n')
}

/**
 * A page of its own: it loads nothing, runs nothing, sends nothing, and no markup that might get into it could change that.
 *
 * @param body Markup, in which all text is escaped.
 */
export function page(title: string, style: string, body: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${base64(sha256(style))}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`
}

function base64(hex: string): string {
  const bytes = Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  )
  return btoa(String.fromCharCode(...bytes))
}
