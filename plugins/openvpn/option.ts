import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Netconf, type Operation, placeOf, type Stanza } from 'netconf/plugin';
import { programPath } from '../../core/base/program-path.ts';
import { readConfiguration } from './configuration.ts';
import type { Sessions } from './sessions.ts';
import { settingsFor } from './settings.ts';
import { notInstalled } from './supervised.ts';

/** Names in the option `openvpn` of a stanza. Throws a sentence with the stanza's place. */
export function namesIn({ stanza, options }: Operation): string[] {
  const set = (options.set ?? []).filter(([name]) => name === 'openvpn');
  const own = stanza.options.filter(([name]) => name === 'openvpn');
  const names = (set.length > 0 ? set : own)
    .flatMap(([, value]) => value.split(/\s+/))
    .filter(name => name !== '');
  const strange = names.find(
    name => !/^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}$/.test(name) || name.includes('..'),
  );
  if (strange === undefined) return [...new Set(names)];
  throw new Error(
    `${placeIn(stanza)}option openvpn: ${JSON.stringify(strange.slice(0, 60))} is no name of a configuration in /etc/openvpn`,
  );
}

function placeIn(stanza: Stanza): string {
  const place = placeOf(stanza, 'openvpn');
  return place === undefined ? '' : `${place}: `;
}

/** Has the VPNs of the option stand, as Debian's if-up.d/openvpn: nobody waits for them. Throws where one cannot. */
export function startNamed(
  netconf: Netconf<unknown>,
  sessions: Sessions,
  directory: string,
  operation: Operation,
): void {
  const { interface: on, stanza } = operation;
  for (const name of namesIn(operation)) {
    try {
      if (programPath('openvpn') === undefined) throw new Error(notInstalled);
      const path = join(directory, `${name}.conf`);
      const configuration = readConfiguration(path, each => netconf.trust(each));
      // One of this file is enough, whoever wants it.
      const known = sessions.settings().find(({ config }) => config === path);
      const dev = known?.dev ?? deviceFor(configuration.device, configuration.kind, sessions);
      sessions.want({ ...settingsFor({ ...configuration, name }, dev), wantedBy: on });
    } catch (error) {
      throw new Error(`${placeIn(stanza)}option openvpn ${name}: ${(error as Error).message}`);
    }
  }
}

/** Ends them. What could not be taken back, in one sentence. */
export async function stopNamed(sessions: Sessions, operation: Operation): Promise<void> {
  const all = sessions.wantedBy(operation.interface);
  const failures = await Promise.all(all.map(({ dev }) => sessions.down(dev, 'ifdown', operation)));
  const failure = failures.find(each => each !== undefined);
  if (failure !== undefined) throw new Error(failure);
}

/** `tun` and `tap` mean the first that is free. */
function deviceFor(device: string | undefined, kind: 'tun' | 'tap', sessions: Sessions): string {
  if (device !== undefined && device !== 'tun' && device !== 'tap') return device;
  for (let number = 0; ; number++) {
    const dev = `${kind}${number}`;
    if (!existsSync(`/sys/class/net/${dev}`) && sessions.find(dev) === undefined) return dev;
  }
}
