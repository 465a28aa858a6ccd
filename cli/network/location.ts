import { resolve } from 'node:path';
import type { Choice } from '../../core/base/choice.ts';
import { checkTrust } from '../../core/base/trust.ts';
import { type Loaded, loadConfiguration } from '../../core/config/load.ts';
import { type Configuration, readConfiguration } from '../../plugins/network-file/configuration.ts';
import { filesOnDisk } from '../../plugins/network-file/language/files.ts';

export const usualFile = '/etc/netconf/network.conf';

/** The file that the caller names, else that of the plugin's option `file`. */
export async function fileOf(choice: Choice): Promise<string> {
  const [named] = choice.arguments;
  if (named !== undefined) return resolve(named);
  const config = choice.value('config');
  const loaded = await loadConfiguration(config === undefined ? undefined : resolve(config));
  return configuredFile(loaded) ?? usualFile;
}

/** Undefined where the configuration names none; what does not fit is told by the check of the plugin's options. */
export function configuredFile(loaded: Loaded | undefined): string | undefined {
  const options = loaded?.configuration.plugins?.['network-file'];
  if (typeof options !== 'object' || options === null) return undefined;
  const { file } = options as { file?: unknown };
  return typeof file === 'string' && file.startsWith('/') ? file : undefined;
}

/**
 * Read as the daemon would. What only root may have written the daemon does not read otherwise; for somebody else's own
 * file, which he names, that does not matter.
 */
export function readFrom(file: string, named: boolean): Configuration {
  return readConfiguration(
    file,
    filesOnDisk(path => (named ? { path } : checkTrust(path))),
  );
}
