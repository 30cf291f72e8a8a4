import type { Argv } from 'yargs'

/** What there is to say about `fn`: it has no options, the functionConfig says what it does. */
export function fnOptions<T>(yargs: Argv<T>) {
  return yargs
    .epilogue(
      'The functionConfig is a ConfigMap with `data`, or `kind: RolloutStage` of `kn-rollout/v1` with `spec`: stage, services, stable, candidate, tag, percent. Without a stage it only judges. See https://kpt.dev and `kustomize build --enable-alpha-plugins --enable-exec`.',
    )
    .example('$0 < resource-list.yaml', 'do what the functionConfig in the list says')
    .example('kpt fn eval DIR --exec "kn-rollout fn" -- stage=split services=shop', 'move a Service of a package')
    .example('kpt fn eval DIR --exec "kn-rollout fn"', 'judge a package')
}
