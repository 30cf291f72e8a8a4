import type { Path } from '../../text/path.js'
import { isList, isObject, member, type Json, type JsonObject } from '../json.js'
import { checkBuiltIn, type SchemaFinding, type Shape } from '../schema.js'
import { textAt, type Found } from './choose.js'
import { compile, type CompileFault, type Judge } from './compile.js'
import { findingsOf } from './verdict.js'

const group = 'serving.knative.dev'

/** The judge that a CustomResourceDefinition is: each Service by the served version that it names. */
export function definitionCheck({ value }: Found): Shape['check'] | CompileFault {
  if (textAt(value, 'apiVersion') !== 'apiextensions.k8s.io/v1') {
    const found = JSON.stringify(textAt(value, 'apiVersion'))
    return { reason: `\`apiVersion\` must be \`apiextensions.k8s.io/v1\`, but is ${found}`, path: ['apiVersion'] }
  }
  const versions = member(value, 'spec', 'versions')
  const judges = new Map<string, Judge>()
  for (const [index, version] of (isList(versions) ? versions : []).entries()) {
    if (member(version, 'served') !== true) continue
    const judge = judgeOf(version, ['spec', 'versions', index])
    if ('reason' in judge) return judge
    judges.set(`${group}/${textAt(version, 'name')}`, judge)
  }
  if (judges.size === 0)
    return { reason: '`spec.versions` must have a version that is served', path: ['spec', 'versions'] }
  return (manifest) => check(manifest.value, judges)
}

function judgeOf(version: Json, path: Path): Judge | CompileFault {
  const at = [...path, 'schema', 'openAPIV3Schema']
  const schema = member(version, 'schema', 'openAPIV3Schema')
  if (!isObject(schema))
    return { reason: 'a served version must have its schema in `schema.openAPIV3Schema`', path: at }
  const judge = compile(rootSchema(schema), true)
  return 'reason' in judge ? { ...judge, path: [...at, ...judge.path] } : judge
}

/** What every object has, the API server judges itself. */
function rootSchema(schema: JsonObject): JsonObject {
  const own = member(schema, 'properties')
  return { ...schema, properties: { ...(isObject(own) ? own : {}), apiVersion: {}, kind: {}, metadata: {} } }
}

function check(value: JsonObject, judges: ReadonlyMap<string, Judge>): readonly SchemaFinding[] {
  const judge = judges.get(textAt(value, 'apiVersion'))
  if (!judge) return [unserved(value, [...judges.keys()])]
  const common = checkBuiltIn({ value }).filter(({ path }) => path[0] === 'metadata')
  return [...common, ...findingsOf(judge, completed(value), true)]
}

function unserved(value: JsonObject, served: readonly string[]): SchemaFinding {
  const found = textAt(value, 'apiVersion')
  return {
    code: 'KN204',
    message: `\`apiVersion\` must be ${served.map((name) => `\`${name}\``).join(' or ')}, but is \`${found}\`: "no matches for kind "Service" in version "${found}""`,
    path: ['apiVersion'],
  }
}

/** Knative's webhook writes what Go has for fields that are absent, before the API server looks for what is missing. */
function completed(value: JsonObject): JsonObject {
  return filled(value, ['spec', 'template', 'spec'])
}

function filled(value: JsonObject, [key, ...rest]: readonly string[]): JsonObject {
  if (key === undefined) return value
  const found = member(value, key) ?? {}
  return isObject(found) ? { ...value, [key]: filled(found, rest) } : value
}
