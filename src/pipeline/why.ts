import { manifestWhys } from '../manifest/why.js'
import { guardWhys } from '../guards/why.js'
import { ruleWhys } from '../rules/why.js'
import { stageWhys } from '../stages/why.js'
import type { runRefusals } from './codes.js'

const runWhys: Readonly<Record<keyof typeof runRefusals, string>> = {
  KN410:
    'The cluster has long stopped to serve this version of the API, so no apply of the file can succeed and moving its traffic would be in vain. Move the manifest to serving.knative.dev/v1 first.',
  KN417:
    'What the flags ask for breaks a rule of Knative, so merging it would only make the next sync fail. The message names the rule: choose other values for the flags.',
  KN420:
    'A name or pattern that matches no Service is most likely misspelt, and the stage would silently do less than you asked for. Check the name, the namespace before its slash, and the paths.',
  KN421:
    'Nothing in these files is a Service of serving.knative.dev; the Services of Kubernetes itself have no traffic to move. Name the file or folder that holds the manifest.',
  KN422:
    'A stage moves all that it is given, and which of these Services you mean cannot be told. Choose with --service or with a path, or take all of them with --all.',
  KN423:
    'Writing through the link would change a file that the reviewed commit does not hold. Run the command in the repository that the file belongs to.',
  KN424:
    'No plan has a stage of this name, so it is most likely misspelt. `kn-rollout stages` lists the built-in ones and those of the plans in `.kn-rollout.yaml`.',
}

/** Why each code matters, and what to do about it: one to three sentences. */
export const whys: Readonly<Record<string, string>> = {
  ...manifestWhys,
  ...ruleWhys,
  ...guardWhys,
  ...stageWhys,
  ...runWhys,
}
