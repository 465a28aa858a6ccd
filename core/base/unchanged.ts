import { close, closeSync, openSync, readFileSync, statfsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Change, News, openInotify, takeChanges, watchPath } from './libc/inotify.ts';
import { fileStatus, S_IFDIR, S_IFLNK, S_IFMT } from './libc/stat.ts';
import { wayTo } from './trust.ts';

/**
 * File systems that only this kernel changes, so that inotify(7) misses nothing (linux/magic.h): ext2 to ext4, tmpfs,
 * ramfs, xfs, btrfs, f2fs, overlayfs, squashfs, erofs, zfs, bcachefs.
 */
const local: ReadonlySet<number> = new Set([
  0xef53, 0x01021994, 0x858458f6, 0x58465342, 0x9123683e, 0xf2f52010, 0x794c7630, 0x73717368, 0xe0f5e1e2,
  0x2fc12fc1, 0xca451a4e,
]);

/** Looks at the queue of changes at most, each at some hundred: a busy /tmp on the way must not hold anybody up. */
const mostLooks = 8;

/**
 * Tells whether anything about some paths may have changed since they were named: what lies in the directories, who
 * owns each component on the way and who may write to it, where links lead, what is mounted. inotify queues a change
 * before the system call that makes it returns, so a look at the queue is as good as looking at all of it again.
 *
 * After the first change it is spent: make a new one.
 */
export class Unchanged {
  readonly #inotify: number;
  readonly #mounts: number;
  /** The list of mounts as it was. */
  #mounted: string;
  readonly #news: News;
  readonly #known = new Set<string>();
  /** Which entries of a watched directory count, by the number of its watch; `/` stands for all. */
  readonly #entries = new Map<number, Set<string>>();
  readonly #checked = new Map<string, boolean>();

  /** Throws SystemError where inotify is not to be had. */
  constructor() {
    this.#inotify = openInotify();
    try {
      this.#mounts = openSync(mounts, 'r');
      this.#mounted = readFileSync(mounts, 'utf8');
    } catch (error) {
      closeSync(this.#inotify);
      throw error;
    }
    this.#news = new News(this.#inotify, this.#mounts);
  }

  /**
   * From now on, tells of changes to this path, directories before what lies in them. False where it cannot be relied on:
   * an untrusted component on the way, a file system that others change, too many watches. What is missing is watched for where it would appear.
   */
  add(path: string): boolean {
    if (this.has(path)) return true;
    try {
      const way = wayTo(path);
      if (way === undefined) {
        if (!this.#isEntry(path)) return false;
        this.#known.add(path);
        return true;
      }
      for (const component of way.components) {
        if (!this.#isLocal(component)) return false;
        watchPath(this.#inotify, component, false);
      }
      // What stands in it, and that it comes, or is replaced.
      const last = way.missing ?? way.components.at(-1)!;
      this.#watchEntry(dirname(last), basename(last));
      if (way.missing === undefined) this.#watchEntry(last, '/');
      // Now that each is watched: the way is still the one that was looked at.
      if (wayTo(path)?.components.join('\0') !== way.components.join('\0')) return false;
      this.#known.add(path);
      return true;
    } catch {
      return false;
    }
  }

  has(path: string): boolean {
    return this.#known.has(path);
  }

  get changed(): boolean {
    const news = this.#news.look();
    if (news === undefined) return false;
    if (news.mounts && this.#isRemounted()) return true;
    if (!news.changes) return false;
    for (let look = 0; look < mostLooks; look++) {
      const changes = takeChanges(this.#inotify);
      if (changes.length === 0) return false;
      if (changes.some(change => this.#counts(change))) return true;
    }
    // Somebody changes something all the time.
    return true;
  }

  close(): void {
    // In a thread: the kernel waits for all who might be telling of a change, some 10 ms.
    close(this.#inotify, () => undefined);
    closeSync(this.#mounts);
  }

  #watchEntry(directory: string, name: string): void {
    const watch = watchPath(this.#inotify, directory, true);
    const names = this.#entries.get(watch);
    if (names === undefined) this.#entries.set(watch, new Set([name]));
    else names.add(name);
  }

  /** Nobody trusts it, and nothing lies behind it: that the directory around it is watched is enough. */
  #isEntry(path: string): boolean {
    const status = fileStatus(path, false);
    if (typeof status !== 'object' || !this.has(dirname(path))) return false;
    const type = status.mode & S_IFMT;
    return type !== S_IFLNK && type !== S_IFDIR;
  }

  /** Of the entries of a directory those on the way are watched themselves: what happens to others says nothing. */
  #counts({ watch, name }: Change): boolean {
    const names = this.#entries.get(watch);
    return name === undefined || (names !== undefined && (names.has('/') || names.has(name)));
  }

  /** Whether something is mounted on the way that was not, or the other way round: containers mount elsewhere all the time. */
  #isRemounted(): boolean {
    const before = this.#mounted;
    try {
      this.#mounted = readFileSync(mounts, 'utf8');
    } catch {
      // EMFILE
      return true;
    }
    // proc_pid_mountinfo(5): the fifth field is the mount point, with blanks and the like as \040.
    const onTheWay = (text: string) =>
      text
        .split('\n')
        .filter(line => this.#checked.has((line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, unescaped)))
        .join('\n');
    return onTheWay(before) !== onTheWay(this.#mounted);
  }

  #isLocal(path: string): boolean {
    const known = this.#checked.get(path);
    if (known !== undefined) return known;
    const isLocal = local.has(statfsSync(path).type >>> 0);
    this.#checked.set(path, isLocal);
    return isLocal;
  }
}

const mounts = '/proc/self/mountinfo';

function unescaped(_: string, octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}
