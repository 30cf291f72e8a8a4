export type { Request, Outcome, Change, FileChange } from './pipeline/outcome.js'
export { plan } from './pipeline/plan.js'
