import type { Alias, Node } from 'yaml'

import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import type { YamlFault } from './faults.js'
import type { JsonObject } from './json.js'
import type { YamlDocument } from './parse.js'

/** One Knative Service as it stands in a file: what it means, and where every part of it is. */
export type Manifest = {
  readonly file: SourceFile
  /** The object as the API server would receive it. */
  readonly value: JsonObject
  /** `metadata.name`, or '' where there is none to read. */
  readonly name: string
  readonly namespace: string | undefined
  /** `namespace/name`, or `name`: how reports and `--service` name it. */
  readonly label: string
  readonly document: YamlDocument
  /** Where the object is in its document: `[]`, or `['items', 2]` in a List. */
  readonly root: Path
  /** What the document's aliases stand for. */
  readonly targets: ReadonlyMap<Alias, Node>
  /** What is wrong with the YAML of the object. */
  readonly faults: readonly YamlFault[]
}
