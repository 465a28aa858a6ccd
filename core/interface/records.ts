import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { messageOf } from '../base/errors.ts';
import { linkIndex } from '../base/libc/links.ts';
import type { Log } from '../base/log.ts';
import { checkTrust } from '../base/trust.ts';
import { interfaceName } from '../bus/catalogue.ts';
import { type InterfaceRecord, reaches } from './record.ts';

/**
 * Does the kernel agree with a record? `gone`: its link does not exist any more. `other`: a link of this name is another
 * one now, or the machine was started anew: then nothing is left of what was configured.
 */
export type Belief = 'agrees' | 'gone' | 'other';

/**
 * The records of interfaces, one file each: the only memory that operations have, so that a daemon, the next one and a
 * process without one see the same. Read anew each time; written to a temporary file and renamed.
 */
export class Records {
  readonly directory: string;
  readonly #log: Log;
  readonly #boot = bootId();

  constructor(directory: string, log: Log) {
    this.directory = directory;
    this.#log = log;
  }

  get boot(): string {
    return this.#boot;
  }

  /** Undefined where there is none, or none that can be trusted: that is told in the log. */
  read(name: string): InterfaceRecord | undefined {
    const path = this.#path(name);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#log.warning(`${path}: ${messageOf(error)}`);
      return undefined;
    }
    const trust = checkTrust(path);
    if ('reason' in trust) {
      this.#log.warning(`${path} is not believed: ${trust.reason}`);
      return undefined;
    }
    try {
      const record = v.parse(schema, JSON.parse(text)) as InterfaceRecord;
      if (record.interface === name) return record;
      this.#log.warning(`${path} is not believed: it is about ${record.interface}`);
    } catch (error) {
      this.#log.warning(`${path} is not believed: ${messageOf(error)}`);
    }
    return undefined;
  }

  write(record: InterfaceRecord): void {
    this.makeDirectory();
    const path = this.#path(record.interface);
    // One operation per interface: nobody else writes this name. Options may hold secrets.
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  /** The record, and the handles of its methods. */
  remove(name: string): void {
    rmSync(this.#path(name), { force: true });
    rmSync(`${this.directory}/${name}.d`, { recursive: true, force: true });
  }

  /** Names, in the order of their bytes. */
  names(): string[] {
    try {
      const names = readdirSync(this.directory).filter(name => name.endsWith('.json'));
      return names.map(name => name.slice(0, -'.json'.length)).sort();
    } catch {
      return [];
    }
  }

  all(): InterfaceRecord[] {
    return this.names().flatMap(name => this.read(name) ?? []);
  }

  /** Interfaces that need this one, and are up or on their way. */
  usersOf(name: string): string[] {
    const inUse = ({ state, prerequisites }: InterfaceRecord) =>
      (state === 'configured' || state === 'configuring') && prerequisites.includes(name);
    return this.all()
      .filter(record => inUse(record) && this.belief(record) !== 'other')
      .map(record => record.interface);
  }

  belief({ interface: name, boot, ifindex }: InterfaceRecord): Belief {
    if (boot !== this.#boot) return 'other';
    if (ifindex === undefined) return 'agrees';
    const now = linkIndex(linkOf(name));
    if (now === ifindex) return 'agrees';
    return now === undefined ? 'gone' : 'other';
  }

  makeDirectory(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }

  #path(name: string): string {
    return `${this.directory}/${name}.json`;
  }
}

/** The link of an alias as Debian writes them: `eth0` of `eth0:1`. */
export function linkOf(name: string): string {
  const colon = name.indexOf(':');
  return colon > 0 ? name.slice(0, colon) : name;
}

const texts = v.record(v.string(), v.string());
const begun = v.object({
  stanza: v.object({
    family: v.string(),
    method: v.string(),
    step: v.string(),
    options: v.array(v.tuple([v.string(), v.string()])),
    place: v.exactOptional(v.string()),
    nth: v.exactOptional(v.number()),
    logical: v.exactOptional(v.string()),
  }),
  parameters: texts,
  reached: v.picklist(reaches),
  ifindex: v.exactOptional(v.number()),
});
const schema = v.object({
  interface: v.pipe(v.string(), v.regex(interfaceName)),
  logical: v.string(),
  state: v.picklist(['configuring', 'configured', 'failed', 'deconfiguring']),
  since: v.number(),
  explicit: v.boolean(),
  boot: v.string(),
  ifindex: v.exactOptional(v.number()),
  step: v.exactOptional(v.string()),
  outcome: v.exactOptional(v.string()),
  message: v.exactOptional(v.string()),
  options: v.record(v.string(), v.unknown()),
  stanzas: v.array(begun),
  left: v.array(begun),
  prerequisites: v.array(v.pipe(v.string(), v.regex(interfaceName))),
});

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
