import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Lease, LeaseFamily } from '../../core/bus/lease.ts';
import { Ledger } from '../../core/dhcp/ledger.ts';
import { readRecord, type Told } from '../../core/dhcp/read.ts';
import { parseRecord } from '../../core/dhcp/record.ts';

/** One run of the report script, as recorded of a real client. */
export interface Recorded {
  argv: string[];
  env: Record<string, string>;
}

export function recorded(client: string): Recorded[] {
  const path = fileURLToPath(new URL(`../fixtures/dhcp/${client}.jsonl`, import.meta.url));
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Recorded);
}

/** As the report script writes it. */
export function bytesOf({ argv: [argument = ''], env }: Recorded): Buffer {
  const variables = { ...env, NETCONF_DHCP_ARGUMENT: argument, NETCONF_DHCP_PARENT: '4242' };
  return Buffer.from(
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\0`)
      .join(''),
  );
}

export function told(record: Recorded): Told | string | undefined {
  return readRecord(parseRecord(bytesOf(record)), 1000);
}

/** A ledger that keeps nothing. */
export function ledger(kept: [string, LeaseFamily, Lease | undefined][] = []): Ledger {
  return new Ledger({ keep: (...what) => kept.push(what) });
}

/** The events that a client's records come to. */
export function eventsOf(records: readonly Recorded[]) {
  const book = ledger();
  return records.flatMap(record => {
    const found = told(record);
    return typeof found === 'object' ? [book.take(found)] : [];
  });
}
