import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startId } from '../../core/base/start-id.ts';
import { sinceStart } from './clock.ts';
import { type Contribution, isEmpty, type Kind, type Settings } from './model.ts';

/** Entries of one interface; more come from nobody who means well. */
const most = 64;

/** Which source of an interface. */
export interface Key {
  interface: string;
  kind: Kind;
  name: string;
}

/**
 * What every source says, a file for each interface among the runtime files: an `ifup` without a daemon, and a daemon
 * that is started again, read the same. Written by whoever holds the lock.
 */
export class Book {
  readonly directory: string;

  constructor(run: string) {
    this.directory = join(run, 'dns');
  }

  /** Everything that is in force now, what has run out left out. */
  read(now = sinceStart()): Contribution[] {
    return this.interfaces().flatMap(on =>
      this.of(on).filter(({ until }) => until === undefined || until > now),
    );
  }

  interfaces(): string[] {
    let names: string[];
    try {
      names = readdirSync(this.directory);
    } catch {
      return [];
    }
    return names.flatMap(name => /^(.+)\.if\.json$/.exec(name)?.[1] ?? []);
  }

  /** All of an interface, in the order in which it came. */
  of(on: string): Contribution[] {
    const kept = this.#load(`${on}.if`) as { entries?: Contribution[] } | undefined;
    return Array.isArray(kept?.entries) ? kept.entries : [];
  }

  /** Takes what a source says, instead of what it said before. True where that makes a difference to name service. */
  put(key: Key, settings: Settings, until?: number): boolean {
    if (isEmpty(settings)) return this.remove(one => isSame(one, key), key.interface);
    const entries = this.of(key.interface);
    const at = entries.findIndex(one => isSame(one, key));
    const old = entries[at];
    if (old === undefined && entries.length >= most) return false;
    const { servers, search, options, sortlist } = settings;
    const says = { servers, search, options, sortlist };
    const since = old?.since ?? Date.now();
    const entry = { ...key, ...says, since, ...(until !== undefined && { until }) };
    if (at < 0) entries.push(entry);
    else entries[at] = entry;
    this.#keep(key.interface, entries);
    return old === undefined || JSON.stringify(says) !== JSON.stringify(saysOf(old));
  }

  /** Takes back what fits, of one interface or of all. True where there was something. */
  remove(fits: (one: Contribution) => boolean, on?: string): boolean {
    let found = false;
    for (const name of on === undefined ? this.interfaces() : [on]) {
      const entries = this.of(name);
      const rest = entries.filter(one => !fits(one));
      if (rest.length === entries.length) continue;
      found = true;
      this.#keep(name, rest);
    }
    return found;
  }

  /** The interface is called otherwise now: so are its link-local servers. */
  rename(old: string, name: string): boolean {
    const entries = this.of(old).map(one => ({
      ...one,
      interface: name,
      servers: one.servers.map(each => each.replace(`%${old}`, `%${name}`)),
    }));
    if (entries.length === 0) return false;
    this.#keep(name, entries);
    this.#keep(old, []);
    return true;
  }

  /** What this plugin has to remember besides. */
  recall(name: string): object | undefined {
    return this.#load(name);
  }

  remember(name: string, value: object | undefined): void {
    const path = join(this.directory, `${name}.json`);
    if (value === undefined) {
      rmSync(path, { force: true });
      return;
    }
    mkdirSync(this.directory, { recursive: true, mode: 0o755 });
    writeFileSync(`${path}.new`, JSON.stringify({ ...value, start: startId() }), { mode: 0o644 });
    renameSync(`${path}.new`, path);
  }

  #keep(on: string, entries: readonly Contribution[]): void {
    this.remember(`${on}.if`, entries.length === 0 ? undefined : { entries });
  }

  /** What was before the machine was started anew is over. */
  #load(name: string): object | undefined {
    try {
      const found: unknown = JSON.parse(readFileSync(join(this.directory, `${name}.json`), 'utf8'));
      return typeof found === 'object' && found !== null && (found as { start?: string }).start === startId()
        ? found
        : undefined;
    } catch {
      return undefined;
    }
  }
}

const isSame = (one: Key, other: Key) => one.kind === other.kind && one.name === other.name;
const saysOf = ({ servers, search, options, sortlist }: Settings) => ({ servers, search, options, sortlist });
