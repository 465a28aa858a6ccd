import { readFileSync } from 'node:fs';

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
