import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Claimed } from './defence.ts';

const folder = (run: string) => join(run, 'dhcp-clients');
const ending = '.linklocal';

/** The link-local addresses that were claimed last, one file an interface: tried first the next time. */
export function claimedOn(run: string, on: string): Claimed | undefined {
  try {
    const text = readFileSync(join(folder(run), `${on}${ending}`), 'utf8');
    const [, address, logical = on] = /^(169\.254\.\d{1,3}\.\d{1,3})(?: (\S+))?$/.exec(text) ?? [];
    return address === undefined ? undefined : { interface: on, logical, address };
  } catch {
    return undefined;
  }
}

export function keepClaimed(run: string, { interface: on, logical, address }: Claimed): void {
  mkdirSync(folder(run), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder(run), `${on}${ending}`), `${address} ${logical}`, { mode: 0o600 });
}

export function allClaimed(run: string): Claimed[] {
  try {
    const names = readdirSync(folder(run)).filter(name => name.endsWith(ending));
    return names.flatMap(name => claimedOn(run, name.slice(0, -ending.length)) ?? []);
  } catch {
    return [];
  }
}
