import { failureOf, type Netconf, type Operation } from 'netconf/plugin';

/**
 * What ifupdown does for a link itself before its first stanza and after its last: a VLAN whose name says what it is
 * (`eth0.10`) is made, and the alias that `description` asks for is set. It goes with the stanza that made it, which is
 * the last to be taken down.
 */
export function tapDevices(netconf: Netconf): void {
  netconf.hooks.create.tapPromise('VLAN, description', operation => run(netconf, operation, 'up'));
  netconf.hooks.destroy.tapPromise('VLAN, description', operation => run(netconf, operation, 'down'));
}

async function run(netconf: Netconf, operation: Operation, mode: 'up' | 'down'): Promise<void> {
  const { interface: on, stanza } = operation;
  const description = stanza.options.find(([name]) => name === 'description')?.[1];
  const isVlan = /^[^.:]+\.[0-9]+$/.test(on);
  if (on.includes(':') || stanza.family === 'meta' || (!isVlan && description === undefined)) return;
  const result = await netconf.runMethod('device', {
    mode,
    interface: on,
    handle: handleOf(operation),
    environment: description === undefined ? {} : { IF_DESCRIPTION: description },
    operation,
  });
  const failure = failureOf(result);
  if (failure === undefined) return;
  const said = result.output.trimEnd().split('\n').at(-1);
  throw new Error(said || failure);
}

/** One for each stanza, be there several of one family and method. */
function handleOf({ stanza: { family, method, place = '' } }: Operation): string {
  return `device-${family}-${method}-${place}`.replaceAll(/[^A-Za-z0-9_.:-]/g, '_').slice(0, 100);
}
