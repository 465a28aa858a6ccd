import { readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FileStatus, fileStatus, S_IFDIR, S_IFLNK, S_IFMT } from './libc/stat.ts';

/** The file with all links resolved, or the sentence that says why it is refused and what to do. */
export type Trust = { path: string } | { reason: string };

/** With what lstat(2) says of the file that all links lead to. */
export type Inspected = { path: string; status: FileStatus } | { reason: string; missing?: string };

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
  const found = inspect(path, options.cache);
  return 'reason' in found ? found : { path: found.path };
}

/** As {@link checkTrust} for root, with the file's status. */
export function inspect(path: string, cache?: Map<string, Trust>): Inspected {
  if (!path.startsWith('/')) return { reason: `${path} is not an absolute path` };
  const parent = dirname(path);
  let above = cache?.get(parent);
  if (above === undefined) {
    const walked = walk('/', parent.split('/'), true);
    above = 'reason' in walked ? walked : { path: walked.path };
    cache?.set(parent, above);
  }
  return 'reason' in above ? above : walk(above.path, [path.slice(parent.length)], false);
}

/**
 * Every component that the kernel looks at on the way to a path, links and what they lead to, from `/` on; the last is
 * what the path leads to, or the last that exists: then `missing` is what would come next. Undefined where one of them
 * is not root's alone: what is said of it may not hold a moment later.
 */
export function wayTo(path: string): { components: string[]; missing?: string } | undefined {
  const components = ['/'];
  const walked = walk('/', [path], false, component => components.push(component));
  if (!('reason' in walked)) return { components };
  return walked.missing === undefined ? undefined : { components, missing: walked.missing };
}

/**
 * Walks from a directory that is known to be safe. `directory`: what is reached is a parent of something else. `visit`
 * is told of each component that exists, links too.
 */
function walk(
  from: string,
  parts: string[],
  directory: boolean,
  visit?: (component: string) => void,
): Inspected {
  const left = parts.flatMap(part => part.split('/')).reverse();
  let here = from;
  let links = 0;
  let status: FileStatus | string | undefined;
  if (here === '/') {
    status = fileStatus('/', false);
    const reason = reasonAgainst('/', status, true);
    if (reason !== undefined) return { reason };
  }
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      here = dirname(here);
      status = undefined;
      continue;
    }
    const next = here === '/' ? `/${name}` : `${here}/${name}`;
    const found = fileStatus(next, false);
    if (typeof found === 'object') visit?.(next);
    if (typeof found === 'object' && (found.mode & S_IFMT) === S_IFLNK) {
      if (found.uid !== 0) return { reason: notRoots(next, found) };
      if (++links > longestChain) return { reason: `${next}: more than ${longestChain} links to follow` };
      const target = targetOf(next);
      if (target === undefined) return { reason: `${next} has just changed` };
      if (target.startsWith('/')) here = '/';
      left.push(...target.split('/').reverse());
      continue;
    }
    const parent = directory || left.some(part => part !== '' && part !== '.');
    const reason = reasonAgainst(next, found, parent);
    if (reason !== undefined) return { reason, ...(found === 'ENOENT' && { missing: next }) };
    here = next;
    status = found;
  }
  status ??= fileStatus(here, false);
  return typeof status === 'string' ? { reason: unseen(here, status) } : { path: here, status };
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

function reasonAgainst(path: string, status: FileStatus | string, parent: boolean): string | undefined {
  if (typeof status === 'string') return unseen(path, status);
  if (status.uid !== 0) return notRoots(path, status);
  const directory = (status.mode & S_IFMT) === S_IFDIR;
  if (parent && !directory) return `${path} is not a directory`;
  const group = (status.mode & 0o020) !== 0;
  const others = (status.mode & 0o002) !== 0;
  if (!group && !others) return undefined;
  if (parent && (status.mode & sticky) !== 0) return undefined;
  const who = group && others ? 'group and others' : group ? 'group' : 'others';
  return `${path} is writable by ${who}: chmod ${group ? 'g' : ''}${others ? 'o' : ''}-w ${path}`;
}

function unseen(path: string, error: string): string {
  return error === 'ENOENT' ? `${path} does not exist` : `${path} cannot be looked at: ${error}`;
}

function notRoots(path: string, status: FileStatus): string {
  const how = (status.mode & S_IFMT) === S_IFLNK ? 'chown -h' : 'chown';
  return `${path} belongs to user ${status.uid}, not to root: ${how} root ${path}`;
}
