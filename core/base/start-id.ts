import { readFileSync, readlinkSync } from 'node:fs';

/**
 * What records of configured interfaces hold for: this start of the machine (`boot_id` of random(4)) and this network
 * namespace (its inode, namespaces(7)). A container that is started anew has another namespace, though the machine, and
 * perhaps its /run, is the same: nothing is left there of what was configured.
 *
 *     2c1d3f9a-… 4026531840
 */
export function startId(): string {
  return `${bootId()} ${netnsId()}`;
}

/** Of the machine's start alone: for records of a namespace that this process is not in. Empty without /proc. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function netnsId(): string {
  try {
    return readlinkSync('/proc/self/ns/net').replace(/\D/g, '');
  } catch {
    return '';
  }
}
