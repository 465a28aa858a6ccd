import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

/** More is no file that a resolver reads. */
const largest = 65_536;
const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;

export const savedOf = (path: string) => `${path}.netconf-saved`;
const freshOf = (path: string) => `${path}.netconf-new`;

/** What stands at the place of resolv.conf. */
export type Seen = { is: 'missing' } | { is: 'link'; target: string } | { is: 'file'; text: string };

/** Throws what the system says where it cannot be looked at. */
export function look(path: string): Seen {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return { is: 'missing' };
  if (status.isSymbolicLink()) return { is: 'link', target: readlinkSync(path) };
  if (!status.isFile()) throw new Error(`${path} is neither a file nor a link`);
  return { is: 'file', text: status.size > largest ? '' : readFileSync(path, 'utf8') };
}

/**
 * Puts a text there in one step: whoever reads sees the old one or the new one. Where the file is a mount of its own, as
 * in containers, there is nothing to replace (EBUSY): it is written in place, after `inPlace` has been called.
 */
export function replace(path: string, text: string, inPlace: () => void): void {
  const fresh = freshOf(path);
  write(fresh, text);
  try {
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    inPlace();
    overwrite(path, text);
  }
}

/** Keeps what stands there under another name, whatever it is, and lets it stand. Does nothing where that was done. */
export function keep(path: string): void {
  const saved = savedOf(path);
  const [seen, kept] = [look(path), look(saved)];
  if (seen.is === 'missing' || JSON.stringify(seen) === JSON.stringify(kept)) return;
  // Of an earlier time: that is nothing to throw away either.
  if (kept.is !== 'missing') renameSync(saved, `${saved}.${Date.now()}`);
  try {
    linkSync(path, saved);
  } catch (error) {
    if (seen.is === 'link') throw error;
    // A mount of its own, or a file system without hard links.
    const fresh = freshOf(path);
    write(fresh, seen.text);
    renameSync(fresh, saved);
  }
}

/** Puts back what was kept, or nothing where nothing was. */
export function restore(path: string, inPlace: () => void): void {
  const saved = savedOf(path);
  const kept = existsSync(saved) || look(saved).is === 'link';
  try {
    if (kept) renameSync(saved, path);
    else rmSync(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    const found = look(saved);
    inPlace();
    overwrite(path, found.is === 'file' ? found.text : '');
    rmSync(saved, { force: true });
  }
}

/** Drops what was kept where it still stands in its place. True where nothing is kept, then. */
export function forget(path: string): boolean {
  const kept = look(savedOf(path));
  if (kept.is === 'missing') return true;
  if (JSON.stringify(kept) !== JSON.stringify(look(path))) return false;
  rmSync(savedOf(path));
  return true;
}

/** What was left by a process that was ended while it wrote. */
export function tidy(path: string): void {
  rmSync(freshOf(path), { force: true });
}

function write(path: string, text: string): void {
  rmSync(path, { force: true });
  const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
  try {
    // Whatever the umask says: everybody resolves names.
    fchmodSync(file, 0o644);
    writeAll(file, Buffer.from(text));
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** The new text first, then the end of the old one away: it is never empty. Where that fails the old one stands again. */
function overwrite(path: string, text: string): void {
  const old = readFileSync(path);
  const file = openSync(path, O_WRONLY | O_NOFOLLOW);
  try {
    try {
      ftruncateSync(file, writeAll(file, Buffer.from(text)));
    } catch (error) {
      ftruncateSync(file, writeAll(file, old));
      throw error;
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Buffer): number {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
  return bytes.length;
}
