declare module 'netconf/plugin' {
  interface Events {
    /** Another version of the network file is in force. `until`: milliseconds since the epoch, unless it is confirmed. */
    'network.applied': { file: string; changed: string[]; until?: number };
    /** A version could not be applied; what was done of it is undone. */
    'network.failed': { file: string; interface: string; message: string };
    /** The version on trial stays. */
    'network.confirmed': { file: string };
    /** The version before is in force again. */
    'network.reverted': { file: string; reason: string };
  }
}

export const family = 'network';
