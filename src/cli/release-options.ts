import type { Argv } from 'yargs'

import { changeOptions } from './edit-options.js'

/** The options of `release`. */
export function releaseOptions<T>(yargs: Argv<T>) {
  const own = yargs
    .option('image', {
      type: 'string',
      requiresArg: true,
      describe: 'the new image; :TAG or @sha256:… for another version of the present one',
    })
    .option('container', {
      type: 'string',
      requiresArg: true,
      describe: 'the container that --image and --env are for, where there are several',
    })
    .option('env', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'NAME=VALUE to set a variable, NAME- to remove it; may be repeated',
    })
    .option('annotation', {
      type: 'string',
      nargs: 1,
      array: true,
      describe: 'NAME=VALUE to set an annotation of the template, NAME- to remove it; may be repeated',
    })
    .option('revision-name', {
      type: 'string',
      requiresArg: true,
      describe:
        "the new revision's own name, with {{.Service}}, {{.ImageTag}}, {{.ShortDigest}}, {{.Hash 7}} or {{.Next}} in it",
    })
  return changeOptions(own)
    .example('$0 shop.yaml --image :1.3.0 --tag next', 'another version of the same image, tested at its own tag')
    .example('$0 shop.yaml --image registry.example.com/shop@sha256:… --env LOG=debug --write', 'image and settings')
    .example("$0 shop.yaml --image :1.3.0 --revision-name '{{.Service}}-v{{.Next}}' --spell", 'with a name of its own')
    .example('$0 shop.yaml --env FEATURE- --candidate @latest --tag next', 'without foretelling a generated name')
    .example('$0 shop.yaml --image :1.3.0 --live live.yaml --tag next', 'numbered as the cluster does')
}

export type ReleaseOptions = Awaited<ReturnType<typeof releaseOptions>['argv']>
