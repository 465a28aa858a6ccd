import type { LeaseFamily } from 'netconf/plugin';
import { programPath } from '../../../core/base/program-path.ts';
import type { Client } from './client.ts';
import { dhclient } from './dhclient.ts';
import { dhcpcd } from './dhcpcd.ts';
import { udhcpc } from './udhcpc.ts';

/** In the order in which they are tried. */
const clients: readonly Client[] = [dhclient, dhcpcd, udhcpc];

export interface Chosen {
  client: Client;
  program: string;
}

export function clientNamed(name: string): Client | undefined {
  return clients.find(client => client.name === name);
}

/** The client that is asked for, or the first that is installed and can do the family; else why there is none. */
export function choose(
  family: LeaseFamily,
  asked: string | undefined,
  order: readonly string[],
): Chosen | string {
  if (asked !== undefined && clientNamed(asked) === undefined)
    return `${asked} is no DHCP client that netconf knows: ${clients.map(({ name }) => name).join(', ')}`;
  const names = asked === undefined ? order : [asked];
  for (const name of names) {
    const client = clientNamed(name);
    if (!client?.families.includes(family)) continue;
    for (const each of client.programs) {
      const program = programPath(each);
      if (program !== undefined) return { client, program };
    }
  }
  return asked === undefined
    ? `no DHCP client for ${family} is installed: ${names.join(', ')}`
    : `${asked} is not installed, or has no ${family}`;
}
