import { readFileSync, readlinkSync } from 'node:fs';

/** Is there a link of this name (or of that which an alias stands on) in this network namespace? */
export function linkExists(on: string): boolean {
  const link = on.replace(/:.*$/, '');
  try {
    const lines = readFileSync('/proc/net/dev', 'utf8').split('\n');
    return lines.some(line => line.trimStart().startsWith(`${link}:`));
  } catch {
    return true;
  }
}

/** Whether this process is in the network namespace of process 1; true where that cannot be found out. */
export function isOfThisMachine(): boolean {
  try {
    return readlinkSync('/proc/1/ns/net') === readlinkSync('/proc/self/ns/net');
  } catch {
    return true;
  }
}

/** Whether a path is a mount of its own, as `ip netns exec` and containers make of resolv.conf. */
export function isMount(path: string): boolean {
  try {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return lines.some(line => line.split(' ')[4] === path);
  } catch {
    return false;
  }
}
