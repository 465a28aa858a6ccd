import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';

const sticky = 0o1000;
/** As in the kernel (MAXSYMLINKS). */
const mostLinks = 40;

/**
 * Could nobody but root have put there what has this name, be it open to all, as a socket is? By the rule of `checkTrust`
 * for its parents, sticky ones of root's included; what has the name belongs to root, and is no link. A name that is
 * still free is nobody's. Returns the sentence why not.
 *
 * By node's own lstat(2): a client that asks loads nothing for it.
 */
export function faultOfPlace(path: string, root = process.getuid?.() === 0): string | undefined {
  if (!root) return undefined;
  const place = resolve(path);
  try {
    const fault = faultOfWay(dirname(place));
    if (fault !== undefined) return fault;
    const found = lstatSync(place);
    if (found.isSymbolicLink()) return `${place} is a link`;
    return found.uid === 0 ? undefined : ofUser(place, found);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? undefined : message;
  }
}

/** Of a directory and all above it, links followed; throws node's errors. */
function faultOfWay(directory: string): string | undefined {
  let here = '/';
  let links = 0;
  const left = directory.split('/').reverse();
  for (let name: string | undefined = '.'; name !== undefined; name = left.pop()) {
    if (name === '') continue;
    const next = resolve(here, name);
    const found = lstatSync(next);
    if (found.uid !== 0) return ofUser(next, found);
    if (found.isSymbolicLink()) {
      if (++links > mostLinks) return `${next}: more than ${mostLinks} links to follow`;
      const target = readlinkSync(next);
      if (target.startsWith('/')) here = '/';
      left.push(...target.split('/').reverse());
      continue;
    }
    if ((found.mode & 0o022) !== 0 && (found.mode & sticky) === 0) return `${next} is writable by others`;
    here = next;
  }
  return undefined;
}

function ofUser(path: string, { uid }: Stats): string {
  return `${path} belongs to user ${uid}, not to root`;
}
