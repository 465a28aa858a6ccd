import manifest from '../../package.json' with { type: 'json' };

/** The version of netconf, as `--version` and the daemon tell it. */
export const version: string = manifest.version;
