/** The data of `vpn.up`, in the shape that all VPNs have. */
export interface VpnData {
  /** That of the interface. */
  name: string;
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
}
