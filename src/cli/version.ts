import manifest from '../../package.json' with { type: 'json' }

/** The version of this program. */
export const { version } = manifest

/** The release of Knative Serving whose rules this version has; rules of newer releases name theirs. */
const modelled = '1.23'

/** What `--version` prints. */
export const versionText = `${version} (models Knative Serving ${modelled})`
