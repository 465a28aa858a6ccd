import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import * as v from 'valibot';
import { messageOf } from '../base/errors.ts';
import { linkIndex } from '../base/libc/links.ts';
import { type FileStatus, fileStatus, isSameFile } from '../base/libc/stat.ts';
import type { Log } from '../base/log.ts';
import { makePrivate } from '../base/private-file.ts';
import { startId } from '../base/start-id.ts';
import { checkTrust } from '../base/trust.ts';
import { interfaceName } from '../bus/catalogue.ts';
import { type InterfaceRecord, reaches } from './record.ts';

/**
 * Does the kernel agree with a record? `gone`: its link does not exist any more. `replaced`: another link has its name by
 * now. What was begun is taken back all the same, since its scripts and its DHCP client do not know. `other`: the machine
 * or the container was started anew, and nothing is left of what was configured.
 */
export type Belief = 'agrees' | 'gone' | 'replaced' | 'other';

/**
 * The records of interfaces, one file each: the only memory that operations have, so that a daemon, the next one and a
 * process without one see the same. Looked at anew each time; written to a temporary file and renamed, on a full disk in
 * place, so that an operation that has begun comes to an end on record.
 */
export class Records {
  readonly directory: string;
  readonly #log: Log;
  readonly #boot = startId();
  readonly #known = new Map<string, { status: FileStatus; record: InterfaceRecord | undefined }>();

  constructor(directory: string, log: Log) {
    this.directory = directory;
    this.#log = log;
  }

  get boot(): string {
    return this.#boot;
  }

  /** Undefined where there is none, or none that can be trusted: that is told in the log. */
  read(name: string): InterfaceRecord | undefined {
    const record = this.#look(name);
    return record === undefined ? undefined : structuredClone(record);
  }

  write(record: InterfaceRecord): void {
    this.makeDirectory();
    const path = this.#path(record.interface);
    // One operation per interface: nobody else writes this name. Options may hold secrets.
    const text = JSON.stringify(record);
    try {
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch (error) {
      rmSync(`${path}.new`, { force: true });
      if (!overwrite(path, text)) throw error;
    }
    this.#known.delete(record.interface);
  }

  /** The record, and the handles of its methods. */
  remove(name: string): void {
    this.#known.delete(name);
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
    return this.users().get(name) ?? [];
  }

  /** Of every interface that others need: which, of those that are up or on their way. */
  users(): Map<string, string[]> {
    const users = new Map<string, string[]>();
    for (const name of this.names()) {
      const record = this.#look(name);
      if (record?.state !== 'configured' && record?.state !== 'configuring') continue;
      if (record.prerequisites.length === 0 || this.belief(record) === 'other') continue;
      for (const need of record.prerequisites) users.set(need, [...(users.get(need) ?? []), name]);
    }
    return users;
  }

  belief({ interface: name, boot, ifindex }: InterfaceRecord): Belief {
    if (boot !== this.#boot) return 'other';
    if (ifindex === undefined) return 'agrees';
    const now = linkIndex(linkOf(name));
    if (now === ifindex) return 'agrees';
    return now === undefined ? 'gone' : 'replaced';
  }

  /**
   * Forgets the oldest of too many failures that are about no link and of which nothing is left: who may ask for
   * `enx*` may ask for any number of names.
   */
  boundFailed(): void {
    const names = this.names();
    if (names.length <= mostFailed) return;
    const old = names
      .flatMap(name => this.#look(name) ?? [])
      .filter(({ state, stanzas, left }) => state === 'failed' && stanzas.length + left.length === 0)
      .filter(({ interface: name }) => linkIndex(linkOf(name)) === undefined)
      .sort((one, other) => one.since - other.since);
    for (const { interface: name } of old.slice(0, Math.max(0, old.length - mostFailed))) this.remove(name);
  }

  /** Throws as {@link makePrivate}. */
  makeDirectory(): void {
    makePrivate(this.directory);
  }

  /** The record as it is kept: not to be changed. Looked at each time, read when another file lies there. */
  #look(name: string): InterfaceRecord | undefined {
    const path = this.#path(name);
    const status = fileStatus(path, false);
    if (typeof status === 'string') {
      this.#known.delete(name);
      if (status !== 'ENOENT') this.#log.warning(`${path}: ${status}`);
      return undefined;
    }
    const known = this.#known.get(name);
    if (known !== undefined && isSameFile(known.status, status)) return known.record;
    const record = this.#load(name, path);
    this.#known.set(name, { status, record });
    return record;
  }

  #load(name: string, path: string): InterfaceRecord | undefined {
    const trust = checkTrust(path);
    if ('reason' in trust) {
      this.#log.warning(`${path} is not believed: ${trust.reason}`);
      return undefined;
    }
    try {
      const record = v.parse(schema, JSON.parse(readFileSync(path, 'utf8'))) as InterfaceRecord;
      if (record.interface === name) return record;
      this.#log.warning(`${path} is not believed: it is about ${record.interface}`);
    } catch (error) {
      this.#log.warning(`${path} is not believed: ${messageOf(error)}`);
    }
    return undefined;
  }

  #path(name: string): string {
    return `${this.directory}/${name}.json`;
  }
}

/** In the room that the file has already; false where that is too little. JSON may end in blanks. */
function overwrite(path: string, text: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
    const { size, blocks } = fstatSync(fd);
    const bytes = Buffer.from(text);
    if (bytes.length > blocks * 512) return false;
    const padding = Buffer.alloc(Math.max(0, size - bytes.length), ' ');
    writeSync(fd, Buffer.concat([bytes, padding]), 0, undefined, 0);
    return true;
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Failures of interfaces that do not exist: as many as somebody may look at. */
const mostFailed = 64;

/** Is the link that was configured not there any more? */
export function isGone(belief: Belief): boolean {
  return belief === 'gone' || belief === 'replaced';
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
