/** What became of one named value. Values are left out: they may be secrets. */
export type NamedChange = { readonly name: string; readonly kind: 'added' | 'changed' | 'removed' }

/** What a move changes in `spec.template`, for reports. */
export type TemplateChange = {
  readonly image?: {
    /** The container's name, or the one that the cluster will give it. */
    readonly container: string
    readonly before: string
    readonly after: string
    /** Set where the `images` of a kustomization decide on it, so that they are what changes. */
    readonly isKustomized?: true
  }
  readonly env?: readonly NamedChange[]
  readonly annotations?: readonly NamedChange[]
  /** `before` is absent where the cluster generated the names so far. */
  readonly revisionName?: { readonly before?: string; readonly after: string }
  /** The commit that the whole template is taken from again, abbreviated, and the revision that it makes. */
  readonly restored?: { readonly commit: string; readonly revision: string }
  /** The paths of defaults that are written out. */
  readonly spelled?: readonly string[]
}
