/** Why the rules about traffic and revision names hold, by code: what happens on the cluster, and what to do. */
export const trafficWhys: Readonly<Record<`KN3${string}`, string>> = {
  KN301:
    'The shares say where each request goes, so none may be left over and none given away twice; the cluster refuses any other sum. An absent percent counts as 0: change the others until they add up.',
  KN302:
    'A share below 0 or above 100 means nothing, even where another one makes up for it, so the cluster refuses it. Write how many of a hundred requests this target gets.',
  KN303:
    'A tag becomes the first part of a host name, as in candidate-shop.default.example.com, and host names know neither capitals nor dots within a part. Use lower-case letters, digits and dashes, with a letter first.',
  KN304:
    'Each tag makes one URL, and one URL can lead to one target only, so the cluster refuses the second. Give each target a tag of its own, or none.',
  KN305:
    'A target either follows the newest ready revision or stays with a named one; a file that asks for both, or rules out both, is refused. Keep `revisionName`, or keep `latestRevision: true`.',
  KN306:
    'Only a Route chooses among configurations. A Service has exactly one of its own and the cluster refuses the field there: remove it, and name a revision if you mean one.',
  KN307:
    'The cluster works out the URL of each target and reports it in the status. A file that brings one, mostly by being copied from a live object, is refused: remove the field.',
  KN308:
    'No revision can have such a name, so the cluster refuses the target before it looks for one. Write the name as `kubectl get revisions` lists it.',
  KN310:
    'The URL of a tag begins with tag, dash and Service name, and that part of a host name ends after 63 characters. The file is admitted, but the route then stops with an error and no traffic moves at all: use a shorter tag.',
  KN311:
    'For each tag Knative makes a Kubernetes Service called tag, dash, name. Where another Knative Service, or the tag of one, has that name already, whoever comes second is stuck as not being the owner: choose another tag.',
  KN312:
    'A route only sends requests to revisions of its own Service. One that is missing or belongs to another Service holds back the whole split, and the old traffic stays as it was: take a name from `kubectl get revisions` for this Service.',
  KN313:
    'Without a share nothing is sent to the target, and without a tag it has no URL. It keeps its revision from being collected and little else, so remove it unless you may want to go back to it.',
  KN314:
    'The revision keeps its minimum of pods for as long as a target names it, requests or not. That is right shortly before it gets traffic and is paid for nothing afterwards.',
  KN315:
    'Without named revisions the next change of the template moves all of the traffic by itself, as soon as it is ready. Pin the traffic first, with `kn-rollout apply pin`, so that each move is a commit of its own.',
  KN316:
    'The gradual move that this annotation asks for happens between one latest revision and the next, and is read from the Service only. For named revisions, or on the template, it does nothing: move traffic by stages, or remove it.',
  KN320:
    'A revision lends its name to a Kubernetes Service, whose names are parts of host names, so capitals, dots and more than 63 characters are refused. Use lower-case letters, digits and dashes, with a letter first.',
  KN321:
    'The cluster tells by the name whose revision it is, and refuses one that does not begin with the name of the Service, as kustomize builds it, and a dash. After renaming a Service, rename its revision too, or leave the name out.',
  KN322:
    'The name of a revision begins with the name of its Service, which `generateName` leaves open until the object is stored. Give the Service a name of its own, or let the cluster name the revision.',
  KN323:
    'The cluster completes this prefix to the name of a revision, and refuses a prefix that no such name can begin with. Remove it: without one, names are made from that of the Service.',
  KN325:
    'Left to itself the cluster numbers revisions with five digits, like shop-00002. A name of your own of that shape may be reached by its counter, and the revision that finds its name taken is never made: use an ending such as -v2.',
  KN326:
    "A named revision can never change, and the cluster compares it with every default filled in. What the file leaves out looks like a change on the next apply, which is refused: spell the defaults (`--spell` does it), or drop the name. An operator's own defaults count where `cluster` or `--cluster` states them.",
  KN327:
    'In its first API version a Service was described by modes such as `runLatest`, which no cluster reads any more. Write what is in there as `spec.template` and `spec.traffic`.',
  KN328:
    'The two documents are one object, and which of them is deployed depends on the tool: kubectl and Argo CD let the last one win, kustomize, Flux and Helm refuse both. It is most often a copy that was meant to become another Service.',
  KN329:
    'kubectl applies the documents of a file in order, so the second is an update of the first. A revision with a name of its own never changes, and defaults that are not spelled look like a change, too: the webhook refuses the second document.',
}
