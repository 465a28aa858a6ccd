import { messageOf } from '../base/errors.ts';
import type { Undo } from '../base/undo.ts';
import type { Bus } from '../bus/bus.ts';
import type { Operations } from './operations.ts';

/**
 * Takes down what was configured on a link that is gone: nothing is left of it in the kernel, but its scripts want to
 * know, and its DHCP client must end.
 */
export function followLinks(bus: Bus, operations: Operations): Undo {
  const { records, observe, log } = operations.parts;
  return bus.on('link.removed', 'netconfd', event => {
    const { ifname, ifindex } = event.data.old;
    const record = observe ? undefined : records.read(ifname);
    if (record?.state !== 'configured' || record.ifindex !== ifindex) return;
    operations
      .operate('ifdown', { interface: ifname, cause: event as never, options: { force: true } })
      .catch(error => log.error(`${ifname}: ${messageOf(error)}`));
  });
}
