import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { VpnData } from 'netconf/plugin';
import { readPrivate, writePrivate } from '../../core/base/private-file.ts';

/** What `vpn.up` said last of each link, over a restart of netconfd; believed where there is such a link. */
export class Memory {
  readonly #directory: string;

  constructor(run: string) {
    this.#directory = join(run, 'wireguard');
  }

  /** Also of a link that is gone by now. */
  last(on: string): VpnData | undefined {
    try {
      const data = JSON.parse(readPrivate(this.#file(on))) as VpnData;
      return data.dev === on ? data : undefined;
    } catch {
      return undefined;
    }
  }

  read(on: string): VpnData | undefined {
    return existsSync(`/sys/class/net/${on}`) ? this.last(on) : undefined;
  }

  all(): VpnData[] {
    try {
      const names = readdirSync(this.#directory).filter(name => name.endsWith('.json'));
      return names.flatMap(name => this.read(name.slice(0, -5)) ?? []);
    } catch {
      return [];
    }
  }

  write(on: string, data: VpnData): void {
    writePrivate(this.#file(on), JSON.stringify(data));
  }

  remove(on: string): void {
    rmSync(this.#file(on), { force: true });
  }

  #file(on: string): string {
    return join(this.#directory, `${on}.json`);
  }
}
