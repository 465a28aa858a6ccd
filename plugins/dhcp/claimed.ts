import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivate, writePrivate } from '../../core/base/private-file.ts';
import type { Claimed } from './defence.ts';

const folder = (run: string) => join(run, 'dhcp-clients');
const ending = '.linklocal';

/** The link-local addresses that were claimed last, one file an interface: tried first the next time. */
export function claimedOn(run: string, on: string): Claimed | undefined {
  try {
    const text = readPrivate(join(folder(run), `${on}${ending}`));
    const [, address, logical = on] = /^(169\.254\.\d{1,3}\.\d{1,3})(?: (\S+))?$/.exec(text) ?? [];
    return address === undefined ? undefined : { interface: on, logical, address };
  } catch {
    return undefined;
  }
}

export function keepClaimed(run: string, { interface: on, logical, address }: Claimed): void {
  writePrivate(join(folder(run), `${on}${ending}`), `${address} ${logical}`);
}

export function allClaimed(run: string): Claimed[] {
  try {
    const names = readdirSync(folder(run)).filter(name => name.endsWith(ending));
    return names.flatMap(name => claimedOn(run, name.slice(0, -ending.length)) ?? []);
  } catch {
    return [];
  }
}
