import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

/** The file with all links resolved, or the sentence that says why it is refused and what to do. */
export type Trust = { path: string } | { reason: string };

export interface TrustOptions {
  /** What was found of parent directories, for several files of one moment: never keep it longer. */
  cache?: Map<string, Trust>;
  /** @default whether this process runs as root */
  root?: boolean;
}

/** Links that may be followed on the way, as in the kernel (MAXSYMLINKS). */
const longestChain = 40;
const sticky = 0o1000;

/**
 * May this file run, or be loaded, as root? Only if nobody but root could have put it there: the file and every parent
 * belong to root and are not writable by group or others. A sticky parent of root's (/tmp) is accepted: others can add
 * to it, not replace what lies there; a link in it must be root's too.
 *
 * Links are followed here, one component after the other, so the directories on the way to a target are looked at as
 * well. Each directory is found safe before a name in it is looked at, so nobody but root can change between two looks
 * what the next one sees: lstat(2) of whole paths is as good as walking with O_PATH | O_NOFOLLOW.
 *
 * A process that is not root's trusts everything: it can do no more than its user.
 */
export function checkTrust(path: string, options: TrustOptions = {}): Trust {
  if (!(options.root ?? process.getuid?.() === 0)) return { path };
  if (!path.startsWith('/')) return { reason: `${path} is not an absolute path` };
  const parent = dirname(path);
  let above = options.cache?.get(parent);
  if (above === undefined) {
    above = walk('/', parent.split('/'), true);
    options.cache?.set(parent, above);
  }
  return 'reason' in above ? above : walk(above.path, [path.slice(parent.length)], false);
}

/** Walks from a directory that is known to be safe. `directory`: what is reached is a parent of something else. */
function walk(from: string, parts: string[], directory: boolean): Trust {
  const left = parts.flatMap(part => part.split('/')).reverse();
  let here = from;
  let links = 0;
  if (here === '/') {
    const reason = reasonAgainst('/', lstatSync('/'), true);
    if (reason !== undefined) return { reason };
  }
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      here = dirname(here);
      continue;
    }
    const next = here === '/' ? `/${name}` : `${here}/${name}`;
    const found = attempt(next, () => lstatSync(next, { throwIfNoEntry: false }));
    if (found === undefined) return { reason: `${next} does not exist` };
    if ('reason' in found) return found;
    if (!found.isSymbolicLink()) {
      const last = left.every(part => part === '' || part === '.');
      const reason = reasonAgainst(next, found, directory || !last);
      if (reason !== undefined) return { reason };
      if ((directory || !last) && !found.isDirectory()) return { reason: `${next} is not a directory` };
      here = next;
      continue;
    }
    if (found.uid !== 0) return { reason: notRoots(next, found) };
    if (++links > longestChain) return { reason: `${next}: more than ${longestChain} links to follow` };
    const target = attempt(next, () => readlinkSync(next));
    if (typeof target !== 'string') return target;
    if (target.startsWith('/')) here = '/';
    left.push(...target.split('/').reverse());
  }
  return { path: here };
}

function attempt<T>(path: string, look: () => T): T | { reason: string } {
  try {
    return look();
  } catch (error) {
    return { reason: `${path} cannot be looked at: ${(error as NodeJS.ErrnoException).code}` };
  }
}

function reasonAgainst(path: string, stats: Stats, parent: boolean): string | undefined {
  if (stats.uid !== 0) return notRoots(path, stats);
  const group = (stats.mode & 0o020) !== 0;
  const others = (stats.mode & 0o002) !== 0;
  if (!group && !others) return undefined;
  if (parent && stats.isDirectory() && (stats.mode & sticky) !== 0) return undefined;
  const who = group && others ? 'group and others' : group ? 'group' : 'others';
  return `${path} is writable by ${who}: chmod ${group ? 'g' : ''}${others ? 'o' : ''}-w ${path}`;
}

function notRoots(path: string, stats: Stats): string {
  const how = stats.isSymbolicLink() ? 'chown -h' : 'chown';
  return `${path} belongs to user ${stats.uid}, not to root: ${how} root ${path}`;
}
