/** Why the rules about the pods of a revision hold, by code. */
export const podWhys: Readonly<Record<`KN3${string}`, string>> = {
  KN360:
    'A request that takes longer is cut off, and a stock cluster lets it take ten minutes at most. Stay within 600, or have the operator raise the limit and state it under `cluster` in `.kn-rollout.yaml`.',
  KN361:
    'This is how many requests one pod works on at once, and 0 means that Knative does not limit it. A stock cluster takes up to 1000: choose a number, or 0.',
  KN362:
    'The account that the pods run as is an object in the same namespace, and this is its name. An e-mail address is what other platforms call accounts and can be no such object: name a ServiceAccount.',
  KN363:
    'The token of the account is mounted anyway, and a stock Knative allows to switch that off only. Remove the field, or set it to false.',
  KN364:
    'Knative hides the parts of a pod that tie it to nodes and networks. Each stands behind a feature flag that is off on a stock cluster, where the field is refused: remove it, or have the flag enabled and state it under `cluster` in `.kn-rollout.yaml`.',
  KN365:
    'A revision is made to run something, and with an empty list there is nothing to run. List one container with its image.',
  KN370:
    'The cluster looks up the digest of an image before it makes the revision, so it has to be able to read the reference. Write the repository in lower case, with a tag or a digest behind it.',
  KN371:
    'Containers of one pod are told apart by name, and queue-proxy is the one that Knative adds to each pod. Use a name of its own for each container, or none.',
  KN372:
    'When a container ends, its last words are taken from a file or, failing that, from its log. There is no third way, and the cluster refuses other words: write File or FallbackToLogsOnError.',
  KN373:
    'Knative tells each container its port, revision, configuration and Service in variables of its own, so those names are taken. A variable without any name is refused as well.',
  KN374:
    'Reading fields of the pod into variables stands behind a feature flag, which is off on a stock cluster. Write the value itself, take it from a ConfigMap or Secret, or have the flag enabled.',
  KN375:
    'An item stands for all entries of one object. With no object there is nothing to read and with two it is open which one wins, so both are refused: write one item for each source.',
  KN376:
    'Requests arrive over TCP on a port that the proxy of Knative does not use itself, and the name of the port says whether to speak HTTP/1 or HTTP/2. A port or a name that cannot serve that is refused.',
  KN377:
    'Knative sends requests to one port of the pod, and refuses to choose among several containers or ports. Give the one that serves requests its `ports`, and the others none.',
  KN378:
    'A stock cluster probes the container that takes the requests, and refuses probes on those beside it. Remove the probe, or have multi-container probing enabled.',
  KN380:
    'Without a period Knative probes in a quick way of its own, to which timeouts and thresholds do not apply; with one, all numbers are those of Kubernetes. Set the period as well, or leave the others out.',
  KN381:
    'A probe asks one question: a command, a gRPC call, an HTTP request or a TCP connection. With none there is nothing to ask and with two no clear answer, so both are refused.',
  KN382:
    'Knative probes through the port that takes the requests, by its number or its name. A number in quotes is a name to Kubernetes and matches nothing: remove the quotes, or leave the port out.',
  KN385:
    'Users and groups of Linux are numbers from 0 to 2147483647, and a container cannot run as any other. Write the number that the image was built for.',
  KN386:
    'Containers of Knative run with ordinary rights: privileged ones are refused always, additional capabilities unless a feature flag allows them. Remove what asks for more.',
  KN390:
    'Scratch space lies on the disk of the node, or in memory if the medium says so, and a size limit is a quantity that is not negative. Other words are refused: write Memory, or leave the medium out.',
  KN391:
    'The name of a volume becomes a part of a path on the node, and the mounts refer to it. Use lower-case letters, digits and dashes, at most 63.',
  KN392:
    'A volume has one source, and a stock cluster allows those that every node can provide: files from a ConfigMap or Secret, projected ones, and scratch space. Disks and paths of the host need a feature flag.',
  KN393:
    'A volume that no container mounts would be made for nobody. Knative takes it for a mistake and refuses it: mount it, or remove it.',
  KN394:
    'A mount puts a volume of the same template into a container, by its name. If there is none of that name the pod could not start, so the cluster refuses the Service: add the volume, or correct the name.',
  KN395:
    'Two mounts cannot lie at one place, a relative path leads nowhere, and some folders belong to the container or to Knative. Mount each volume at an absolute path of its own.',
  KN396:
    'Sharing mounts between the node and a container stands behind a feature flag, which is off on a stock cluster. Remove the field, or have the flag enabled.',
  KN397:
    'A projected volume puts files of several sources into one folder, one item for each source. An item with no source or with two, or one that lacks a name, is refused.',
  KN398:
    'Each item says which key is written to which file, so it needs both. An item without a key or a path is refused: complete it, or leave `items` out to get all keys as files.',
  KN399:
    'A variable takes its value from one place. Knative admits both, but Kubernetes then refuses the pods, so the revision never becomes ready: keep the value or the source.',
}
