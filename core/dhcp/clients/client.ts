import type { DhcpClient, LeaseFamily } from '../../bus/lease.ts';
import type { Draft, Refused, Take } from '../draft.ts';
import { option } from '../options.ts';
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

/** Options that dhclient and dhcpcd tell of by one name each. */
export const isoOptions = {
  ip_address: option.address,
  subnet_mask: option.mask,
  broadcast_address: option.broadcast,
  routers: option.routers,
  static_routes: option.otherRoutePairs,
  interface_mtu: option.mtu,
  domain_name_servers: option.dns4,
  domain_search: option.search,
  domain_name: option.domain,
  ntp_servers: option.ntp4,
  host_name: option.hostname,
  dhcp_lease_time: option.lease,
  dhcp_renewal_time: option.renew,
  dhcp_rebinding_time: option.rebind,
  dhcp_server_identifier: option.server4,
  smtp_server: option.smtp,
  network_number: option.nothing,
  dhcp_message_type: option.nothing,
} as const;
export const isoOptions6 = {
  dhcp6_name_servers: option.dns6,
  dhcp6_domain_search: option.search,
  dhcp6_sntp_servers: option.ntp6,
  dhcp6_server_id: option.server6,
  dhcp6_client_id: option.nothing,
} as const;

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
