import {
  closeSync,
  constants,
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
import { mountedFrom } from '../namespace.ts';

/** More is no file that a resolver reads. */
const largest = 1_048_576;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** What stands at the place of resolv.conf. */
export type Seen = { is: 'missing' } | { is: 'link'; target: string } | { is: 'file'; text: string };

/** Throws what the system says where it cannot be looked at. */
export function look(path: string): Seen {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return { is: 'missing' };
  if (status.isSymbolicLink()) return { is: 'link', target: readlinkSync(path) };
  if (!status.isFile()) throw new Error(`${path} is neither a file nor a link`);
  if (status.size > largest) throw new Error(`${path} has more than ${largest} bytes`);
  return { is: 'file', text: readFileSync(path, 'latin1') };
}

/** The place of resolv.conf, with what lies beside it: each step leaves something whole there. Methods throw as {@link look}. */
export class Place {
  readonly path: string;
  /** Where what was there before is kept. */
  readonly saved: string;
  readonly #fresh: string;

  constructor(path: string) {
    this.path = path;
    const base = mountedFrom(path);
    this.saved = `${base}.netconf-saved`;
    this.#fresh = `${base}.netconf-new`;
  }

  look(): Seen {
    return look(this.path);
  }

  isKept(): boolean {
    return look(this.saved).is !== 'missing';
  }

  /**
   * Puts a text there in one step: whoever reads sees the old one or the new one. Where the file is a mount of its own, as
   * in containers, there is nothing to replace (EBUSY): it is written in place, after `inPlace` has been called.
   */
  replace(text: string, inPlace: () => void): void {
    const bytes = Buffer.from(text);
    write(this.#fresh, bytes);
    this.#orInPlace(() => renameSync(this.#fresh, this.path), bytes, inPlace);
  }

  /** Keeps what stands there under another name, whatever it is, and lets it stand. Does nothing where that was done. */
  keep(): void {
    const seen = this.look();
    const kept = look(this.saved);
    if (seen.is === 'missing' || isSame(seen, kept)) return;
    // Of an earlier time: that is nothing to throw away either.
    if (kept.is !== 'missing') renameSync(this.saved, `${this.saved}.${Date.now()}`);
    try {
      linkSync(this.path, this.saved);
    } catch (error) {
      if (seen.is === 'link') throw error;
      // A mount of its own, or a file system without hard links.
      write(this.#fresh, readFileSync(this.path));
      renameSync(this.#fresh, this.saved);
    }
  }

  /** Puts back what was kept, or nothing where nothing was. */
  restore(inPlace: () => void): void {
    const kept = look(this.saved);
    if (kept.is !== 'missing') {
      const bytes = kept.is === 'file' ? readFileSync(this.saved) : Buffer.alloc(0);
      this.#orInPlace(() => renameSync(this.saved, this.path), bytes, inPlace);
      rmSync(this.saved, { force: true });
    } else this.#orInPlace(() => rmSync(this.path, { force: true }), Buffer.alloc(0), inPlace);
  }

  /** Drops what was kept where it still stands in its place. True where nothing is kept, then. */
  forget(): boolean {
    const kept = look(this.saved);
    if (kept.is === 'missing') return true;
    if (!isSame(kept, this.look())) return false;
    rmSync(this.saved);
    return true;
  }

  /** Removes what was left by a process that was ended while it wrote. */
  tidy(): void {
    rmSync(this.#fresh, { force: true });
  }

  #orInPlace(step: () => void, bytes: Buffer, inPlace: () => void): void {
    try {
      step();
    } catch (error) {
      this.tidy();
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EBUSY' && code !== 'EXDEV') throw error;
      inPlace();
      overwrite(this.path, bytes);
    }
  }
}

const isSame = (one: Seen, other: Seen) => JSON.stringify(one) === JSON.stringify(other);

/** A new file: what somebody else has put there, a link or a pipe, is removed, never written to. */
export function write(path: string, bytes: Buffer): void {
  rmSync(path, { force: true });
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL, 0o644);
  try {
    // Whatever the umask says: everybody resolves names.
    fchmodSync(file, 0o644);
    writeAll(file, bytes);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** The new text first, then the end of the old one away: it is never empty. Where that fails the old one stands again. */
function overwrite(path: string, bytes: Buffer): void {
  const old = readFileSync(path);
  const file = openSync(path, O_WRONLY | O_NOFOLLOW);
  try {
    try {
      ftruncateSync(file, writeAll(file, bytes));
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
