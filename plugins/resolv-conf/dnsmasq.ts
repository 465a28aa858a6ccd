import { mkdirSync, readFileSync, renameSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Book } from './book.ts';
import type { Merged } from './merge.ts';
import { serversFile } from './split.ts';
import { write } from './writers/place.ts';

export interface DnsmasqSettings {
  /** What its `--servers-file` names. */
  servers: string;
  /** Its `--pid-file`. */
  pid: string;
  /** Where it listens. */
  address: string;
}

/** A local dnsmasq, which others start: it is told which servers know which names, and reads that again on SIGHUP. */
export class Dnsmasq {
  readonly settings: DnsmasqSettings;
  readonly #book: Book;
  #watcher: ReturnType<typeof watch> | undefined;

  constructor(settings: DnsmasqSettings, book: Book) {
    this.settings = settings;
    this.#book = book;
  }

  /** True where it runs, and has been told. Throws where its file cannot be written. */
  tell(merged: Merged): boolean {
    const { servers } = this.settings;
    const text = serversFile(merged);
    if (textOf(servers) !== text) {
      mkdirSync(dirname(servers), { recursive: true, mode: 0o755 });
      write(`${servers}.new`, Buffer.from(text));
      renameSync(`${servers}.new`, servers);
    }
    const pid = this.#running();
    if (pid === undefined) return false;
    const told = this.#book.recall('dnsmasq') as { pid?: number; text?: string } | undefined;
    if (told?.pid === pid && told.text === text) return true;
    try {
      process.kill(pid, 'SIGHUP');
    } catch {
      return false;
    }
    this.#book.remember('dnsmasq', { pid, text });
    return true;
  }

  /** Calls `changed` when it has been started or ended, as far as its pid file tells. */
  follow(changed: () => void): void {
    if (this.#watcher !== undefined) return;
    try {
      this.#watcher = watch(dirname(this.settings.pid), { persistent: false }, changed);
      this.#watcher.on('error', () => this.release());
    } catch {
      // Its directory is made when it starts for the first time: the next change of name service looks again.
    }
  }

  release(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Its process, where the one that the file names is a dnsmasq. */
  #running(): number | undefined {
    const pid = Number(textOf(this.settings.pid)?.trim());
    if (!Number.isInteger(pid) || pid <= 1) return undefined;
    return textOf(`/proc/${pid}/comm`) === 'dnsmasq\n' ? pid : undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
