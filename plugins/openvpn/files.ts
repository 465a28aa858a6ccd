import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import type { VpnData } from 'netconf/plugin';
import { makePrivate, readPrivate, writePrivate } from '../../core/base/private-file.ts';
import { bootId } from '../../core/base/start-id.ts';
import type { Applied } from './apply.ts';
import type { Settings } from './settings.ts';

/** What is known of a VPN over a restart of netconfd. */
export interface Kept {
  settings: Settings;
  /** The whole command line of its process. */
  command: readonly string[];
  pid?: number;
  /** What the methods have been told. */
  applied: Applied;
  /** The default route leads through it, as its peer said. */
  redirect?: boolean;
  /** What `vpn.up` said last; absent while it has never stood. */
  up?: VpnData;
}

/** The end of the output that is kept. */
const mostOutput = 64 * 1024;

/** The files of one VPN, in `openvpn` among the runtime files. */
export class VpnFiles {
  readonly directory: string;
  readonly #base: string;

  constructor(run: string, dev: string) {
    this.directory = join(run, 'openvpn');
    this.#base = join(this.directory, dev);
  }

  /** `env` is what the report script writes. */
  path(kind: 'json' | 'sock' | 'log' | 'env'): string {
    return `${this.#base}.${kind}`;
  }

  prepare(): void {
    makePrivate(this.directory);
  }

  keep(kept: Kept): void {
    writePrivate(this.path('json'), JSON.stringify({ ...kept, boot: bootId() }));
  }

  kept(): Kept | undefined {
    try {
      const found = JSON.parse(readPrivate(this.path('json'))) as Kept & { boot?: string };
      // What was before the machine was started anew is over.
      const good = found.boot === bootId() && Array.isArray(found.command);
      return good && typeof found.settings?.dev === 'string' ? found : undefined;
    } catch {
      return undefined;
    }
  }

  /** The last lines that it printed; empties a file that has become long. */
  output(): string[] {
    try {
      const path = this.path('log');
      const lines = endOf(path, 8192).split('\n');
      if (statSync(path).size > mostOutput) truncateSync(path);
      return lines.map(line => line.trim()).filter(line => line !== '');
    } catch {
      return [];
    }
  }

  remove(): void {
    for (const kind of ['json', 'sock', 'log', 'env'] as const) rmSync(this.path(kind), { force: true });
  }
}

/** What earlier processes left. */
export function keptIn(run: string): Kept[] {
  let names: string[];
  try {
    names = readdirSync(join(run, 'openvpn'));
  } catch {
    return [];
  }
  return names.flatMap(name => {
    const dev = /^(.+)\.json$/.exec(name)?.[1];
    const kept = dev === undefined ? undefined : new VpnFiles(run, dev).kept();
    return kept?.settings.dev === dev && kept !== undefined ? [kept] : [];
  });
}

function endOf(path: string, most: number): string {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, most));
    const length = readSync(fd, bytes, 0, bytes.length, Math.max(0, size - most));
    return bytes.toString('utf8', 0, length).replaceAll(/[^\P{Cc}\n]/gu, '');
  } finally {
    closeSync(fd);
  }
}
