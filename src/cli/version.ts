import manifest from '../../package.json' with { type: 'json' }

/** The version of this program, as `--version` shows it. */
export const { version } = manifest
