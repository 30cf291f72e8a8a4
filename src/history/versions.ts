import type { Manifest } from '../manifest/manifest.js'
import { readStored, type StoredService } from '../manifest/past-version.js'
import { recentManifests } from '../manifest/recent.js'
import type { FileHistory, FileVersion } from '../text/version.js'
import type { StoredVersion } from './asked.js'
import type { ServiceVersion, Version } from './cluster.js'

type Named = Pick<Manifest, 'name' | 'namespace'>

/** Whether `validate` finds no error in a Service, beside the others of its file. */
export type IsValid = (service: Manifest, manifests: readonly Manifest[]) => boolean

/** The versions of Services in the histories of their files. What has the same text is judged once. */
export class StoredVersions {
  private readonly verdicts = new Map<string, boolean>()

  constructor(private readonly isValid: IsValid) {}

  /** Those of one Service, in the order of the history; each is read when it is first asked for. */
  of(named: Named, history: FileHistory): readonly StoredVersion[] {
    return history.versions.map((version) => ({
      mentions: (name) => version.text?.includes(name) === true,
      read: onlyOnce(() => this.read(named, history, version)),
    }))
  }

  /** A Service that no history tells of, as its only version. */
  only(manifest: Manifest): StoredVersion {
    const { name, value } = manifest
    const version = { commit: '', service: { name, value, isValid: this.isValid(manifest, [manifest]) } }
    return { mentions: () => true, read: () => version }
  }

  private read(named: Named, history: FileHistory, version: FileVersion): Version | undefined {
    const found = readStored(history, version, named)
    if (found === 'unreadable') return undefined
    const { commit } = version
    return { commit, service: found === 'absent' ? undefined : this.serviceOf(named, found, version) }
  }

  /** Judging takes more time than reading, and many questions can do without. */
  private serviceOf(named: Named, { value, text }: StoredService, version: FileVersion): ServiceVersion {
    const judge = (): boolean => this.judge(named, text, version)
    return {
      name: named.name,
      value,
      get isValid() {
        return judge()
      },
    }
  }

  /** Errors of a Service come from its document alone: that is all that is read of a file with many. */
  private judge({ name, namespace }: Named, text: string, { path }: FileVersion): boolean {
    const key = [namespace, name, text].join('\n')
    const known = this.verdicts.get(key)
    if (known !== undefined) return known
    const manifests = recentManifests({ path, text })
    const service = manifests.find((one) => one.name === name && one.namespace === namespace)
    const verdict = service !== undefined && this.isValid(service, manifests)
    this.verdicts.set(key, verdict)
    return verdict
  }
}

function onlyOnce<Answer>(find: () => Answer): () => Answer {
  let known: { readonly answer: Answer } | undefined
  return () => (known ??= { answer: find() }).answer
}
