import { close, closeSync, openSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { News, openInotify, watchPath } from './libc/inotify.ts';
import { wayTo } from './trust.ts';

/**
 * File systems that only this kernel changes, so that inotify(7) misses nothing (linux/magic.h): ext2 to ext4, tmpfs,
 * ramfs, xfs, btrfs, f2fs, overlayfs, squashfs, erofs, zfs, bcachefs.
 */
const local: ReadonlySet<number> = new Set([
  0xef53, 0x01021994, 0x858458f6, 0x58465342, 0x9123683e, 0xf2f52010, 0x794c7630, 0x73717368, 0xe0f5e1e2,
  0x2fc12fc1, 0xca451a4e,
]);

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
  readonly #news: News;
  readonly #known = new Set<string>();
  readonly #checked = new Map<string, boolean>();

  /** Throws SystemError where inotify is not to be had. */
  constructor() {
    this.#inotify = openInotify();
    try {
      this.#mounts = openSync('/proc/self/mountinfo', 'r');
    } catch (error) {
      closeSync(this.#inotify);
      throw error;
    }
    this.#news = new News(this.#inotify, this.#mounts);
  }

  /**
   * From now on, tells of changes to this path. False where it cannot be relied on: an untrusted component on the way, a
   * file system that others change, too many watches. What is missing is watched for where it would appear.
   */
  add(path: string): boolean {
    if (this.has(path)) return true;
    try {
      const way = wayTo(path);
      if (way === undefined) return false;
      for (const component of way.components) {
        if (!this.#isLocal(component)) return false;
        watchPath(this.#inotify, component, false);
      }
      // What stands in it, and beside it; of something missing, what stands in the last directory before it.
      const last = way.components.at(-1)!;
      for (const directory of way.missing ? [last] : [last, dirname(last)]) {
        watchPath(this.#inotify, directory, true);
      }
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
    return this.#news.any();
  }

  close(): void {
    // In a thread: the kernel waits for all who might be telling of a change, some 10 ms.
    close(this.#inotify, () => undefined);
    closeSync(this.#mounts);
  }

  #isLocal(path: string): boolean {
    const known = this.#checked.get(path);
    if (known !== undefined) return known;
    const isLocal = local.has(statfsSync(path).type >>> 0);
    this.#checked.set(path, isLocal);
    return isLocal;
  }
}
