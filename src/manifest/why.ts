import type { YamlCode } from './faults.js'
import type { SchemaCode } from './schema.js'
import type { ownFaults } from './own-faults.js'
import type { ObstacleCode } from './splice/obstacle.js'

/** Why the faults of the YAML, of its shape and of its layout matter, by code. */
export const manifestWhys: Readonly<Record<YamlCode | SchemaCode | ObstacleCode | keyof typeof ownFaults, string>> = {
  KN101:
    'Nothing that reads YAML can read this file, so neither a GitOps controller nor kubectl will apply any of it. A frequent cause is a colon and a space inside of a text: put the text in quotes.',
  KN102:
    'YAML is read as UTF-8, and bytes that are none would be lost or replaced on the way. Save the file as UTF-8 in your editor.',
  KN103:
    'What stands here becomes a manifest only when a tool has rendered it, so it cannot be judged, and no edit of it could be exact. Render the template and look at the result.',
  KN104:
    'No manifest is that large, since the cluster itself stores about 1.5 MB for an object, and reading it would only take time and memory. Split the file, or leave it out of the paths.',
  KN105:
    'kubectl takes the last of the two without a word, while kustomize and others refuse the file. What you see may not be what runs: keep one of the keys.',
  KN106:
    'A manifest is sent to the cluster as JSON, whose keys are texts. A key that is empty, a list or a mapping cannot be sent as it is: write a text, in quotes if need be.',
  KN107:
    'An alias repeats what an anchor of the same name marked earlier in the document. Without that anchor, or inside of itself, it stands for nothing: write the value out.',
  KN108:
    'A manifest is sent to the cluster as JSON, which knows no infinity and no NaN. Put the value in quotes if you mean the text, or write a number.',
  KN109:
    'kubectl cuts a file into documents at the lines that begin with three dashes, before anything reads it as YAML, and then stumbles over directives and over text behind the dashes. Remove the directive, and put the text on a line of its own.',
  KN110:
    'Such depth is never meant in a manifest, and readers of YAML guard themselves against it by refusing the file. Look for brackets that are not closed, or for generated text.',
  KN111:
    'The cluster tells by `apiVersion` and `kind` what to do with a document, and refuses one that does not say. Add both, or move it into a file that is not applied.',
  KN112:
    'kubectl and Argo CD read YAML 1.1, kustomize and Flux mostly YAML 1.2, and here they come to different values. The file would change its meaning with the tool: use quotes, or write what all read alike.',
  KN113:
    'kubectl up to 1.32 decides by the first character, and takes a file that begins with a brace for JSON alone. Today it goes on to read such a file as YAML, as GitOps controllers do. A line of three dashes at the top makes all of them agree.',
  KN114:
    'A repository holds manifests as regular files. A device or a pipe has no text that could be reviewed, and reading one may never end; a link that leads nowhere has none either. Nothing of it was read: put a file in its place.',
  KN190:
    'An ignore comment that silences nothing hides the next real finding at its place, or was misspelt and never worked. Correct its code, move it to the line in question, or take it out.',
  KN191:
    'Rules that were meant to be louder or quieter would silently be as they always are, so nothing is judged until the configuration can be read. The message names the key and what it may be.',
  KN192:
    'What a cluster runs stands in the `status` that it answers with, and a manifest from Git has none, so nothing would be learnt from it. Save the object with kubectl or oc, as the message says, and hand over that file.',
  KN201:
    'The cluster decodes each field into a type of its own, and a text is no number even if it looks like one. Add or remove quotes; keep in mind that bare words such as yes and on are booleans.',
  KN202:
    'A misspelt or misplaced field would do nothing, so the cluster refuses the whole manifest. Correct the name, or indent it to where it belongs.',
  KN203:
    'Without this field the cluster cannot make anything of the manifest and refuses it. Mostly it is there already, but misspelt or indented to another place.',
  KN204:
    'The value has the right type, but the field does not allow it, and the cluster refuses the manifest. The message lists what it does allow.',
  KN205:
    'The items of this list are told apart by a key, such as the name of a container or variable. When two have the same, server-side apply refuses the list and other ways of applying it may lose one: merge or rename them.',
  KN411:
    'What would have to be edited is written somewhere else and only repeated here. An edit there might change more than was asked for, so none is made: write the value out where it is used.',
  KN412:
    'An anchor lets other places of the file repeat this very text, and they would change along with it. Write the value out where it is repeated, so that an edit here stays here.',
  KN413:
    'Tools differ on which of two equal keys counts, so an edit of one might change nothing on the cluster. Keep one of them, then run the command again.',
  KN414:
    'The edit could not be put in without touching what stands around it. Write `spec.traffic`, or the `resources` of a kustomization, as a plain block list, then run the command again.',
  KN415:
    'A stage starts from the traffic as it is, and here it cannot be told what that is. See what `kn-rollout validate` says about the file and mend that first.',
  KN416:
    'Each edit is read again before it is shown, and this one did not come out as exactly what was wanted with all else unchanged. Nothing is written; a plain block list always works.',
}
