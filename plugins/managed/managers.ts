import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Another program that configures a link. */
export interface Manager {
  name: string;
  /** How the link is taken from it. */
  release: string;
}

interface KnownManager {
  name: string;
  /** Its state of a link, below the runtime directory. */
  file: (ifindex: number) => string;
  manages: (state: ReadonlyMap<string, string>) => boolean;
  release: (link: string) => string;
}

/** States of systemd-networkd in which it has configured a link, is about to, or failed to (networkctl(1)). */
const networkdStates: ReadonlySet<string> = new Set(['configuring', 'configured', 'failed']);
/** States in which it has not looked at it yet: the .network file that it has chosen tells then. */
const networkdEarly: ReadonlySet<string> = new Set(['pending', 'initialized']);

const known: readonly KnownManager[] = [
  {
    name: 'NetworkManager',
    // src/core/nm-config.c: a key file; without the key it does not know, as for what others have set up.
    file: ifindex => `NetworkManager/devices/${ifindex}`,
    manages: state => /^(true|1)$/.test(state.get('managed') ?? ''),
    release: link => `nmcli device set ${link} managed no`,
  },
  {
    name: 'systemd-networkd',
    // src/network/networkd-state-file.c
    file: ifindex => `systemd/netif/links/${ifindex}`,
    manages: state => {
      const admin = state.get('ADMIN_STATE') ?? '';
      return networkdStates.has(admin) || (networkdEarly.has(admin) && state.has('NETWORK_FILE'));
    },
    release: link => `Unmanaged=yes in the [Link] section of the .network file of ${link}`,
  },
];

/**
 * Who else manages a link, as the files below the runtime directory (`/run`) say: no D-Bus, so that it works early at
 * boot. Undefined where nobody does.
 */
export function managerOf(runtime: string, link: string, ifindex: number): Manager | undefined {
  const found = known.find(({ file, manages }) => {
    const state = readState(join(runtime, file(ifindex)));
    return state !== undefined && manages(state);
  });
  return found && { name: found.name, release: found.release(link) };
}

/** Whether anybody who manages links has ever run since the machine was started. */
export function hasManagers(runtime: string): boolean {
  return known.some(({ file }) => existsSync(join(runtime, dirname(file(0)))));
}

/**
 * Whether the runtime directory of this mount namespace is about the links of this network namespace: they are known
 * there by index, and another namespace has other links by the same. True where that cannot be found out.
 */
export function isOfThisNamespace(): boolean {
  try {
    return readlinkSync('/proc/1/ns/net') === readlinkSync('/proc/self/ns/net');
  } catch {
    return true;
  }
}

/** The index of a link, as sysfs has it for the network namespace that it was mounted in. */
export function indexOf(link: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${link}/ifindex`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** More is no file of theirs. */
const largest = 65_536;

/** KEY=VALUE a line, of all sections. */
function readState(path: string): Map<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').slice(0, largest);
  } catch {
    return undefined;
  }
  const pairs = text.matchAll(/^([A-Za-z0-9_-]+)=(.*)$/gm);
  return new Map(Array.from(pairs, ([, key, value]) => [key!, value!.trim()] as const));
}
