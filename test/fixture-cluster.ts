import type { Request } from '../src/pipeline/request.js'

/** What an operator has set in the cluster, as a comment of a fixture says: `# cluster: {features: {…}}`. */
export function clusterOf(fixture: string): Pick<Request, 'configuration'> {
  const [text] = /(?<=^# )cluster: .*$/m.exec(fixture) ?? []
  return text === undefined ? {} : { configuration: { path: '.kn-rollout.yaml', text } }
}
