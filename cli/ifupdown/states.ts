import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { fileSentence } from '../../plugins/interfaces/parse/files.ts';
import { trimEnd, trimStart } from '../../plugins/interfaces/parse/text.ts';
import type { Say } from './say.ts';

/** Which interfaces are up, and as what. */
export interface States {
  /** The logical interface; undefined for one that is down. */
  of(iface: string): string | undefined;
  /** Whether there is a record, be it of one that is down. */
  known(iface: string): boolean;
  /** `IFACE=LOGICAL`, the latest first. */
  all(): string[];
  set(iface: string, logical: string | undefined): void;
}

/** A state directory as ifupdown 0.8 keeps it: `ifstate`, and `ifstate.IFACE` for each interface. */
export class StateDirectory implements States {
  readonly #file: string;
  readonly #temporary: string;
  readonly #lock: string;
  readonly #say: Say;
  /** Nothing is written, nor made. */
  readonly #readOnly: boolean;

  constructor(directory: string, say: Say, readOnly: boolean) {
    this.#file = `${directory}/ifstate`;
    this.#temporary = `${directory}/.ifstate.tmp`;
    this.#lock = `${directory}/.ifstate.lock`;
    this.#say = say;
    this.#readOnly = readOnly;
    try {
      mkdirSync(path(directory), { mode: 0o755 });
    } catch {
      // It is there, or what is opened in it will tell.
    }
  }

  of(iface: string): string | undefined {
    const file = this.#fileOf(iface);
    if (!this.#readOnly) this.#touch(file, 'lockfile');
    const line = linesOf(file)[0];
    return line === undefined || line === '' ? undefined : line;
  }

  known(iface: string): boolean {
    return statSync(path(this.#fileOf(iface)), { throwIfNoEntry: false }) !== undefined;
  }

  all(): string[] {
    if (!this.#readOnly) {
      this.#touch(this.#lock, 'lockfile');
      this.#touch(this.#file, 'statefile');
    }
    return linesOf(this.#file).reverse();
  }

  set(iface: string, logical: string | undefined): void {
    if (this.#readOnly) return;
    this.#write(this.#fileOf(iface), `${logical ?? ''}\n`, 'lockfile');
    this.#touch(this.#lock, 'lockfile');
    this.#touch(this.#file, 'statefile');
    const entry = logical === undefined ? undefined : `${iface}=${logical}`;
    const lines = linesOf(this.#file);
    const at = lines.findIndex(line => line.startsWith(`${iface}=`));
    const others = lines.filter(line => !line.startsWith(`${iface}=`));
    if (entry !== undefined) others.splice(at < 0 ? others.length : at, 0, entry);
    this.#write(this.#temporary, others.map(line => `${line}\n`).join(''), 'temporary statefile');
    renameSync(path(this.#temporary), path(this.#file));
  }

  #fileOf(iface: string): string {
    return `${this.#file}.${iface.replaceAll('/', '.')}`;
  }

  #touch(file: string, what: string): void {
    this.#write(file, '', what, 'a');
  }

  #write(file: string, content: string, what: string, flag = 'w'): void {
    try {
      writeFileSync(path(file), content, { encoding: 'latin1', flag });
    } catch (error) {
      this.#say.fail(`failed to open ${what} ${file}: ${fileSentence(error)}`);
    }
  }
}

function linesOf(file: string): string[] {
  try {
    const text = readFileSync(path(file), 'latin1');
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.map(line => trimStart(trimEnd(line)));
  } catch {
    return [];
  }
}

function path(name: string): Buffer {
  return Buffer.from(name, 'latin1');
}
