import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The directories in which a kind of file is looked for, the first wins: the administrator's (`/etc/netconf/KIND`, or
 * what stands in for it), the system's (`/usr/lib/netconf/KIND`), and what ships beside the program that runs. A
 * directory that is reached twice counts once.
 */
export function levelsOf(
  kind: string,
  instead: readonly string[],
  program = process.argv[1] ?? '/',
): string[] {
  const own = instead.length > 0 ? instead : [`/etc/netconf/${kind}`];
  const shipped = join(dirname(real(program)), kind);
  const all = [...own, `/usr/lib/netconf/${kind}`, shipped];
  const seen = new Set<string>();
  return all.filter(directory => {
    const path = real(directory);
    if (seen.has(path)) return false;
    seen.add(path);
    return true;
  });
}

function real(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
