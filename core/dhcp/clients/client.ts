import type { DhcpClient, LeaseFamily } from '../../bus/lease.ts';
import type { Draft, Refused, Take } from '../draft.ts';
import type { Record } from '../record.ts';

/** What happened, in netconf's words: the events are `dhcp.FACT`. */
export type Fact =
  | 'preinit'
  | 'bound'
  | 'renewed'
  | 'rebound'
  | 'rebooted'
  | 'expired'
  | 'failed'
  | 'timed-out'
  | 'stopped'
  | 'released';

/** What a reason means; undefined for those that tell nothing of a lease. */
export interface Meaning {
  fact: Fact;
  family: LeaseFamily;
}

/** How one client tells of leases. */
export interface ClientTable {
  client: DhcpClient;
  /** The client's own word. */
  reasonOf(record: Record): string;
  reasons: Readonly<{ [reason: string]: Meaning }>;
  /** In what the names of a lease's options begin: of what is held now, and of what was held before. */
  prefixes: { now: readonly string[]; before: readonly string[] };
  /** Options by their names without the prefix, in the order in which they are taken. */
  options: { readonly [Family in LeaseFamily]: ReadonlyMap<string, Take> };
  /** Names of further options that are kept as text. */
  others: RegExp;
  /** What needs several variables at once: numbered addresses and prefixes. */
  gather?(
    variables: ReadonlyMap<string, string | null>,
    prefix: string,
    draft: Draft,
    refused: Refused,
  ): ReadonlySet<string>;
}

export function table(entries: { readonly [name: string]: Take }): ReadonlyMap<string, Take> {
  return new Map(Object.entries(entries));
}

/** The reasons that dhclient and dhcpcd share (dhclient-script(8), dhcpcd-run-hooks(8)). */
export const isoReasons: Readonly<{ [reason: string]: Meaning }> = {
  ...both('PREINIT', 'preinit'),
  ...both('BOUND', 'bound'),
  ...both('RENEW', 'renewed'),
  ...both('REBIND', 'rebound'),
  ...both('REBOOT', 'rebooted'),
  ...both('EXPIRE', 'expired'),
  ...both('FAIL', 'failed'),
  ...both('TIMEOUT', 'timed-out'),
  ...both('STOP', 'stopped'),
  ...both('RELEASE', 'released'),
};

function both(reason: string, fact: Fact): { [reason: string]: Meaning } {
  return { [reason]: { fact, family: 'inet' }, [`${reason}6`]: { fact, family: 'inet6' } };
}
