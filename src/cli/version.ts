import manifest from '../../package.json' with { type: 'json' }

/** The version of this program, as `--version` shows it. */
export const { version } = manifest

/** The release of Knative Serving whose rules this version has; rules of newer releases name theirs. */
export const modelled = '1.23'
