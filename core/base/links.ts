import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Links of this network namespace, as proc(5) and sysfs(5) show them. Where somebody has changed the namespace without
 * mounting /sys anew, only names are right.
 */
export function linkNames(): string[] {
  try {
    const lines = readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2);
    return lines.flatMap(line => /^\s*(\S+):\s/.exec(line)?.[1] ?? []);
  } catch {
    return [];
  }
}

/** The bond, bridge or VRF that a link belongs to. */
export function masterOf(link: string): string | undefined {
  if (!isFileName(link)) return undefined;
  try {
    return readlinkSync(`/sys/class/net/${link}/master`).split('/').at(-1);
  } catch {
    return undefined;
  }
}

/** What the kernel has under a name, such as `address`, `operstate` or `bridge/forward_delay`; undefined for nothing. */
export function attributeOf(link: string, name: string): string | undefined {
  if (!isFileName(link)) return undefined;
  try {
    return readFileSync(`/sys/class/net/${link}/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function isFileName(link: string): boolean {
  return link !== '' && link !== '.' && link !== '..' && !link.includes('/') && !link.includes('\0');
}
