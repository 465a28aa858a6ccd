/** What the guard hears of VPNs, and tells of itself. The VPN plugins tell more of theirs: this is what all have. */
export interface Peer {
  /** Address of the peer, outside; empty where there is none, or several. */
  server: string;
  port?: number;
  protocol?: 'udp' | 'tcp';
}

declare module 'netconf/plugin' {
  interface Events {
    /** What leaves in the clear by these links is dropped; `open`: it is not, since the VPN stands. */
    'vpn.guarded': { dev: string; links: string[]; open: boolean };
    /** It is not any more. */
    'vpn.unguarded': { dev: string; reason: string };
  }
}
