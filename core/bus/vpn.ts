/** What is known of a VPN that stands, in the shape that `vpn.up` has whichever plugin makes it. */
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
