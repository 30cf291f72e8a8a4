import type { TrafficTarget } from '../manifest/traffic.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Places } from './position.js'
import type { DiagnosticJson, TargetJson } from './public-json.js'

/** What every report for programs says of a diagnostic. */
export function diagnosticJson({ range, ...rest }: Diagnostic, places: Places): DiagnosticJson {
  const { code, severity, message, help, file, path, service } = rest
  return { code, severity, message, help, file, ...places.of(file, range), path: path ?? '', service }
}

/** A target as `spec.traffic` spells it. */
export function targetJson({ revision, percent, tag }: TrafficTarget): TargetJson {
  return { ...('name' in revision ? { revisionName: revision.name } : { latestRevision: true }), percent, tag }
}
