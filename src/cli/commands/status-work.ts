// What `status` works with comes as one file, so that it is loaded at once and by no other command.

export { statusOf } from '../../pipeline/status.js'
export { asciiGlyphs, unicodeGlyphs } from '../../report/cells.js'
export { footnotes, statusSummary } from '../../report/status.js'
export { statusJson } from '../../report/status-json.js'
export { statusMarkdown } from '../../report/status.js'
export { statusText } from '../../report/status.js'
