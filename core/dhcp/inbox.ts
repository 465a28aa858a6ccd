import { type FSWatcher, lstatSync, mkdirSync, readdirSync, readFileSync, unlinkSync, watch } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { checkTrust } from '../base/trust.ts';
import { longestRecord, parseRecord, type Record } from './record.ts';

/** SECONDS.HUNDREDTHS-NUMBER, as the report script names records: the order of names is the order of what happened. */
const recordName = /^\d{9,}\.\d\d-\d{3}$/;
/** What the script writes before it renames it; left lying when the script was ended. */
const temporaryName = /^\.\d{9,}\.\d\d-\d{3}$/;
const staleMs = 60_000;

/** Records that are read before the loop has its turn. */
const batch = 32;
/** Foreign files that the log names. */
const mostNamed = 1000;

export interface InboxOptions {
  /** The directory that the report script writes to. */
  directory: string;
  log: Log;
  /** Gets each record once; `written` in milliseconds since the epoch. It is removed afterwards; left lying for false. */
  take: (record: Record, written: number, name: string) => boolean;
  /** Counts what was ignored. */
  ignored: () => void;
}

/**
 * The directory in which DHCP clients leave their records: what lies there at the start is read, then what comes, in
 * order. A record is removed after it was taken: a daemon that is ended in between takes it again.
 *
 * Only files of root (or the daemon's own user) count, and only when nobody else could have put them there.
 */
export class Inbox {
  readonly #options: InboxOptions;
  /** What lies there and is no record of ours to take: as long as it lies there. */
  #ignored = new Set<string>();
  #namedInLog = 0;
  /** Records that are not ours to take now. */
  #left = new Set<string>();
  #watcher: FSWatcher | undefined;
  #pending: NodeJS.Immediate | undefined;
  #stopped = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Watches, and reads what lies there. Throws where the directory cannot be made, or may be somebody else's. */
  start(): void {
    const { directory } = this.#options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const trust = checkTrust(directory);
    if ('reason' in trust) throw new Error(trust.reason);
    this.#removeStale();
    this.#watch();
    while (this.#read()) {
      // What lies there at the start is known before anything else goes on.
    }
  }

  /** Looks once more at what was left lying. */
  again(): void {
    this.#left.clear();
    this.#poke();
  }

  stop(): void {
    this.#stopped = true;
    this.#watcher?.close();
    if (this.#pending !== undefined) clearImmediate(this.#pending);
  }

  #watch(): void {
    const { directory, log } = this.#options;
    try {
      this.#watcher = watch(directory, { persistent: false }, () => this.#poke());
      this.#watcher.on('error', error => log.error(`dhcp: ${directory}: ${messageOf(error)}`));
    } catch (error) {
      log.error(`dhcp: ${directory} cannot be watched: ${messageOf(error)}`);
    }
  }

  #poke(): void {
    if (this.#stopped) return;
    this.#pending ??= setImmediate(() => {
      this.#pending = undefined;
      if (!this.#stopped && this.#read()) this.#poke();
    });
  }

  /** Reads one batch. True when more is left. */
  #read(): boolean {
    const { directory, log } = this.#options;
    let names: string[];
    try {
      names = readdirSync(directory).sort();
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (gone) this.#makeAnew();
      else log.error(`dhcp: ${messageOf(error)}`);
      return false;
    }
    const here = new Set(names);
    for (const known of [this.#ignored, this.#left]) {
      for (const name of known) if (!here.has(name)) known.delete(name);
    }
    const records = names.filter(name => {
      if (recordName.test(name)) return !this.#ignored.has(name) && !this.#left.has(name);
      if (!temporaryName.test(name)) this.#ignore(name, 'no record of a DHCP client');
      return false;
    });
    for (const name of records.slice(0, batch)) this.#take(name);
    return records.length > batch;
  }

  #take(name: string): void {
    const { directory, take } = this.#options;
    const path = join(directory, name);
    try {
      const found = lstatSync(path);
      const reason = !found.isFile()
        ? 'no file'
        : found.uid !== 0 && found.uid !== process.getuid?.()
          ? `belongs to user ${found.uid}`
          : found.nlink !== 1
            ? 'has another name elsewhere'
            : found.size > longestRecord
              ? 'too large'
              : undefined;
      if (reason !== undefined) {
        this.#ignore(name, reason);
        return;
      }
      if (take(parseRecord(readFileSync(path)), found.mtimeMs, name)) unlinkSync(path);
      else this.#left.add(name);
    } catch (error) {
      // Gone: the report script removes the oldest of too many.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#ignore(name, messageOf(error));
    }
  }

  /** Names a file once; it is left lying. */
  #ignore(name: string, reason: string): void {
    if (this.#ignored.has(name)) return;
    this.#ignored.add(name);
    this.#options.ignored();
    if (++this.#namedInLog > mostNamed) return;
    this.#options.log.warning(`dhcp: ${join(this.#options.directory, name)} is ignored: ${reason}`);
  }

  /** The directory was taken away: makes it anew. */
  #makeAnew(): void {
    this.#watcher?.close();
    try {
      mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      this.#options.log.error(`dhcp: ${messageOf(error)}`);
      return;
    }
    this.#watch();
    this.#poke();
  }

  #removeStale(): void {
    const { directory } = this.#options;
    for (const name of readdirSync(directory).filter(each => temporaryName.test(each))) {
      const path = join(directory, name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      try {
        if (found !== undefined && Date.now() - found.mtimeMs > staleMs) unlinkSync(path);
      } catch {
        // It has just been renamed, or cannot be removed: it does no harm.
      }
    }
  }
}
