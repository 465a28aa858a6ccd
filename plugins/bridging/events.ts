import { followMembers, type Link, type Netconf } from 'netconf/plugin';

declare module 'netconf/plugin' {
  interface Events {
    'bridge.port-added': { port: string; state: BridgePortState };
    'bridge.port-removed': { port: string };
    /** A port forwards, or does not any more. */
    'bridge.port-state': { port: string; old: BridgePortState; new: BridgePortState };
  }
}

/** IEEE 802.1D, as the kernel has it (linux/if_bridge.h). */
export type BridgePortState = 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';

/** Tells of bridges what the kernel's messages about links say. */
export function followBridges(netconf: Netconf<unknown>): void {
  followMembers(netconf, 'bridge', {
    added: (link, bridge, replayed) => {
      const data = { port: link.ifname, state: stateOf(link) };
      if (!replayed) netconf.emit('bridge.port-added', data, { interface: bridge });
    },
    removed: (link, bridge) => {
      netconf.emit('bridge.port-removed', { port: link.ifname }, { interface: bridge });
    },
    member: (before, link, bridge) => {
      const [old, now] = [stateOf(before), stateOf(link)];
      if (old === now) return;
      netconf.emit('bridge.port-state', { port: link.ifname, old, new: now }, { interface: bridge });
    },
  });
}

function stateOf({ linkinfo }: Link): BridgePortState {
  return (linkinfo?.info_slave_data?.state as BridgePortState | undefined) ?? 'disabled';
}
