/** Part of what is in force, and whom it comes from. */
export interface DnsPart {
  interface: string;
  /** `interfaces inet`, `vpn office`, `dhcp inet6`, `router`. */
  source: string;
  servers: string[];
  search: string[];
}

/** What applies to the whole machine, in its order. */
export interface DnsState {
  servers: string[];
  search: string[];
  options: string[];
  /** Who brings it into force: `file`, `resolvconf`, `openresolv`, `systemd-resolved`, `dnsmasq`, `nobody`. */
  by: string;
  /** Whom the parts come from, in the order in which they count. */
  from: DnsPart[];
}

declare module 'netconf/plugin' {
  interface Events {
    /** Name service is another one than before. */
    'dns.changed': DnsState;
  }
}
