import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivate, readPrivate } from '../../core/base/private-file.ts';
import { startId } from '../../core/base/start-id.ts';
import { sinceStart } from './clock.ts';
import { type Contribution, isEmpty, type Kind, type Settings } from './model.ts';
import { zoneName } from './values.ts';

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

  /** The interface is called otherwise now: so are its link-local servers, whoever says them. */
  rename(old: string, name: string): boolean {
    let found = false;
    for (const on of this.interfaces()) {
      const entries = this.of(on);
      const isIn = entries.some(({ servers }) => servers.some(each => each.endsWith(`%${old}`)));
      if (on !== old && !isIn) continue;
      found = true;
      const now = on === old ? name : on;
      const renamed = entries.map(one => ({
        ...one,
        interface: now,
        servers: inZone(one.servers, old, name),
      }));
      this.#keep(on, []);
      this.#keep(
        now,
        renamed.filter(one => !isEmpty(one)),
      );
    }
    return found;
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
    makePrivate(this.directory, 0o755);
    writeFileSync(`${path}.new`, JSON.stringify({ ...value, start: startId() }), { mode: 0o644 });
    renameSync(`${path}.new`, path);
  }

  #keep(on: string, entries: readonly Contribution[]): void {
    this.remember(`${on}.if`, entries.length === 0 ? undefined : { entries });
  }

  /** What was before the machine was started anew is over. */
  #load(name: string): object | undefined {
    try {
      const found: unknown = JSON.parse(readPrivate(join(this.directory, `${name}.json`)));
      return typeof found === 'object' && found !== null && (found as { start?: string }).start === startId()
        ? found
        : undefined;
    } catch {
      return undefined;
    }
  }
}

/** No resolver is asked in a zone that it cannot take. */
function inZone(servers: readonly string[], old: string, name: string): string[] {
  return servers.flatMap(server => {
    if (!server.endsWith(`%${old}`)) return server;
    return zoneName.test(name) ? server.slice(0, -old.length) + name : [];
  });
}

const isSame = (one: Key, other: Key) => one.kind === other.kind && one.name === other.name;
const saysOf = ({ servers, search, options, sortlist }: Settings) => ({ servers, search, options, sortlist });
