/** Why the rules about kustomizations hold, by code. */
export const overlayWhys: Readonly<Record<`KN6${string}`, string>> = {
  KN601:
    'The list of traffic has no merge key, so a patch never adds to it: the list of the last patch is the one that the cluster gets. Edit that file, for example with `kn-rollout apply STAGE --overlay DIR`.',
  KN602:
    'A named revision can never change, and a new image under an old name is refused by every apply. Bots that only raise `newTag` run into this: rename the revision along with it, or leave naming to the cluster.',
  KN603:
    'kustomize renames the Service but neither `spec.template.metadata.name` nor the revisions in `spec.traffic`, and a revision must begin with the name of its Service. Patch the names in the same folder, or use a namespace for each environment.',
  KN604:
    'For kustomize any kind called Service has a selector, and it adds one to Knative Services too, whose schema has none. Server-side apply, and so Flux, then refuses the Service: use `labels` without selectors.',
  KN610:
    'Containers of a Deployment are merged by their names, but kustomize has no such key for Knative Services: the list of the patch replaces that of the base, and the variables, ports and probes that it does not repeat are gone.',
}
