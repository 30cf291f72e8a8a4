import type { Path } from '../text/path.js'
import type { Finding } from './rule.js'
import { brief, unmade } from './unmade-pod.js'

/**
 * What is wrong with a path that has to stay below a folder.
 *
 * Source: k8s.io/kubernetes/pkg/apis/core/validation validateLocalDescendingPath
 */
export function* localPath(path: Path, text: string): Iterable<Finding> {
  if (text.startsWith('/'))
    yield unmade(path, { what: `is ${brief(text)}, not a relative path`, said: 'must be a relative path' })
  else if (text.split('/').includes('..'))
    yield unmade(path, { what: `is ${brief(text)}, which contains \`..\``, said: "must not contain '..'" })
}

/**
 * The same for the path of a file that Kubernetes itself writes: names with two dots in front are its own.
 *
 * Source: k8s.io/kubernetes/pkg/apis/core/validation ValidateLocalNonReservedPath
 */
export function* filePath(path: Path, text: string): Iterable<Finding> {
  yield* localPath(path, text)
  if (text.startsWith('..') && !text.startsWith('../') && !text.split('/').includes('..'))
    yield unmade(path, { what: `is ${brief(text)}, which starts with \`..\``, said: "must not start with '..'" })
}
