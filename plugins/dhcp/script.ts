import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What clients run on every change: it ships beside the methods. Throws where it is missing. */
export function scriptIn(methods: readonly string[]): string {
  const found = methods.map(level => join(level, 'dhcp-report')).find(path => existsSync(path));
  if (found === undefined) throw new Error(`no dhcp-report in ${methods.join(', ')}`);
  return found;
}
