import { checkTrust } from '../base/trust.ts';
import { checkInterfaceName } from '../bus/catalogue.ts';
import type { Event } from '../bus/event.ts';
import type { Netconf } from './contract.ts';
import type { Guard } from './guard.ts';
import type { HookPoints } from './hook-points.ts';
import type { HostParts } from './host-parts.ts';

/** The part of a plugin's view that says what others decide and do: held events, steps, owners of files. */
export function knowledgeFor(
  guard: Guard,
  { bus, indexOf, stateOf }: Pick<HostParts, 'bus' | 'indexOf' | 'stateOf'>,
  hooks: HookPoints,
): Pick<Netconf, 'found' | 'hold' | 'steps' | 'stateOf' | 'trust' | 'gather' | 'touch'> {
  return {
    found: (on, reason, cause) => {
      checkInterfaceName('interface.found', on);
      if (!guard.live) return;
      const source = `plugin:${guard.owner}` as const;
      const data = { reason: String(reason).slice(0, longestReason) };
      bus.publish('interface.found', { source, interface: on, ifindex: indexOf(on), cause, data });
    },
    hold: event => (guard.live ? hooks.holdOf(event as Event) : undefined),
    steps: () => new Set([...hooks.tapped('step'), ...hooks.tapped('source')]),
    stateOf,
    trust: path => checkTrust(path),
    gather: (name, ...values) => (guard.live ? hooks.callSync(name, ...values) : undefined) ?? values[0],
    touch: name => guard.live && hooks.touch(name),
  };
}

const longestReason = 1024;
