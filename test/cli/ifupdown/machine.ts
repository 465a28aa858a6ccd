import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { quietDaemon } from './programs.ts';

export const phases = ['pre-up', 'up', 'down', 'post-down'];

/** A folder with `interfaces`, scripts that write a line each into `log`, and a configuration that names both. */
export function machine(interfaces: string): Folder {
  const folder = new Folder({ interfaces: '', log: '' });
  writeFileSync(join(folder.path, 'interfaces'), interfaces.replaceAll('@', folder.path));
  for (const phase of phases) {
    const line = 'echo "$IFACE $LOGICAL $ADDRFAM $METHOD $MODE $PHASE $CLASS"';
    const text = `#!/bin/sh\n${line} >>${folder.path}/log\n`;
    chmodSync(folder.write(`scripts/if-${phase}.d/tell`, text), 0o755);
  }
  const { path } = folder;
  folder.write(
    'netconf.yaml',
    `plugins: {interfaces: {file: ${path}/interfaces, scripts: ${path}/scripts}}\n`,
  );
  return folder;
}

/** A daemon for it, with a pair of links `v0` and `v1`. */
export async function daemonFor(folder: Folder): Promise<TestDaemon> {
  const configuration = readFileSync(join(folder.path, 'netconf.yaml'), 'utf8');
  const daemon = await quietDaemon(configuration);
  writeFileSync(join(folder.path, 'log'), '');
  daemon.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
  return daemon;
}

export function logOf(folder: Folder): string[] {
  return readFileSync(join(folder.path, 'log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => line.trimEnd());
}

/** Does a script say so by a file of this name? */
export const isSaid = (folder: Folder, name: string) => existsSync(join(folder.path, name));
