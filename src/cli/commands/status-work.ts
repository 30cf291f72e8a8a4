// What `status`, `history` and `diff` work with comes as one file, so that it is loaded at once and by no other command.

export { exitCodeFor, sayFindings, withReading } from '../rows-told.js'
export { statusOf } from '../../pipeline/status.js'
export { movedBetween } from '../../pipeline/moved.js'
export { historyJson, historyText } from '../../report/history.js'
export { movedJson, movedSummary, movedText } from '../../report/moved.js'
export { footnotes, statusSummary } from '../../report/status.js'
export { statusJson } from '../../report/status-json.js'
export { statusMarkdown } from '../../report/status.js'
export { statusText } from '../../report/status.js'
