/** What is known of a VPN that stands. */
export type VpnData = {
  /** Of the configuration: `work` of `work.conf`; of WireGuard that of the interface. */
  name: string;
  /** Its interface. */
  dev: string;
  /** Address of the peer, outside; empty where there is none, or several. */
  server: string;
  port?: number;
  protocol?: 'udp' | 'tcp';
  /** Within the tunnel, with prefix lengths: `10.8.0.2/24`. */
  addresses: string[];
  /** Name servers, and domains, that are reached through it. */
  dns: string[];
  search: string[];
  domain?: string;
};

declare module 'netconf/plugin' {
  interface Events {
    /** A connection is tried: the tunnel carries nothing yet. */
    'vpn.connecting': { name: string; dev: string };
    /** It stands, with the addresses and routes that the peer has told; again when these have changed. */
    'vpn.up': VpnData;
    /** It is over: addresses, routes and name servers are taken back. */
    'vpn.down': VpnData & { reason: string };
    /** The peer, or a key, was not accepted; or a password is wanted that there is not. */
    'vpn.auth-failed': { name: string; dev: string; reason: string };
    /** The peer is gone and looked for. Addresses and routes stay, the tunnel carries nothing. */
    'vpn.reconnecting': { name: string; dev: string; reason: string };
  }
}
