import { readdirSync } from 'node:fs';
import type { Operation } from 'netconf/plugin';
import { linkIndex } from '../../core/base/libc/links.ts';
import { attributeOf } from '../../core/base/links.ts';
import { lookUntil } from '../../core/base/look-until.ts';
import type { Bridge } from './options.ts';

/** `bridge_waitport`: until these links are there, or all ports that are named. */
export async function waitForLinks(operation: Operation, { waitPort, ports }: Bridge): Promise<void> {
  if (waitPort === undefined) return;
  const { seconds, links } = waitPort;
  const regex = ports.indexOf('regex');
  const named = links.length > 0 ? links : ports.slice(0, regex < 0 ? undefined : regex);
  const missing = () => named.filter(name => linkIndex(name) === undefined);
  if (missing().length > 0) operation.progress(`waits ${seconds} s at most for ${missing().join(', ')}`);
  await lookUntil(() => missing().length === 0, seconds, operation.signal);
}

/** linux/if_bridge.h: BR_STATE_… */
const disabled = '0';
const forwarding = '3';
const blocking = '4';

/**
 * `bridge_maxwait`, by the rule of bridge-utils: until each port forwards or blocks; one that is disabled counts once
 * another is not. Without ports there is nothing to wait for; without a time that is said, twice the forward delay.
 */
export async function waitForPorts(operation: Operation, maxWait: number | undefined): Promise<void> {
  const { interface: bridge } = operation;
  const seconds =
    maxWait ?? 2 * (Math.trunc(Number(attributeOf(bridge, 'bridge/forward_delay') ?? 0) / 100) + 1);
  let hasBegun = false;
  const isReady = () => {
    const states = portsOf(bridge).map(port => attributeOf(port, 'brport/state') ?? disabled);
    hasBegun ||= states.some(state => state !== disabled);
    return states.every(
      state => state === forwarding || state === blocking || (state === disabled && hasBegun),
    );
  };
  if (seconds === 0 || isReady()) return;
  operation.progress(`waits ${seconds} s at most for the ports of ${bridge} to forward`);
  await lookUntil(isReady, seconds, operation.signal);
}

function portsOf(bridge: string): string[] {
  try {
    return readdirSync(`/sys/class/net/${bridge}/brif`);
  } catch {
    return [];
  }
}
