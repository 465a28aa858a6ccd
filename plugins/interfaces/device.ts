import { type Netconf, type Operation, perform } from 'netconf/plugin';

/**
 * What ifupdown does for a link itself before its first stanza and after its last: the alias that `description` asks for.
 * It goes with the stanza that set it.
 */
export function tapDevices(netconf: Netconf): void {
  netconf.hooks.create.tapPromise({ name: 'description', stage: 10 }, operation =>
    run(netconf, operation, 'up'),
  );
  netconf.hooks.destroy.tapPromise({ name: 'description', stage: -10 }, operation =>
    run(netconf, operation, 'down'),
  );
}

async function run(netconf: Netconf, operation: Operation, mode: 'up' | 'down'): Promise<void> {
  const { interface: on, stanza } = operation;
  const description = stanza.options.find(([name]) => name === 'description')?.[1];
  if (on.includes(':') || stanza.family === 'meta' || description === undefined) return;
  await perform(netconf, 'device', {
    mode,
    interface: on,
    handle: handleOf(operation),
    environment: { IF_DESCRIPTION: description },
    operation,
  });
}

/** One for each stanza, be there several of one family and method. */
function handleOf({ stanza: { family, method, place = '' } }: Operation): string {
  return `device-${family}-${method}-${place}`.replaceAll(/[^A-Za-z0-9_.:-]/g, '_').slice(0, 100);
}
