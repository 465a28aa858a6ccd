import type { VpnData } from 'netconf/plugin';

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
