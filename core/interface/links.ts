import { messageOf } from '../base/errors.ts';
import { type Undo, UndoStack } from '../base/undo.ts';
import type { Bus } from '../bus/bus.ts';
import type { Event } from '../bus/event.ts';
import type { Operations } from './operations.ts';
import { isGone } from './records.ts';

/**
 * Takes down what was configured on a link that is gone: nothing is left of it in the kernel, but its scripts want to
 * know, and its DHCP client must end.
 */
export function followLinks(bus: Bus, operations: Operations): Undo {
  const { records, observe, log } = operations.parts;
  const undos = new UndoStack();
  const release = (name: string, cause: Event) =>
    operations
      .operate('ifdown', { interface: name, cause, options: { force: true } })
      .catch(error => log.error(`${name}: ${messageOf(error)}`));
  undos.push(
    bus.on('link.removed', 'netconfd', event => {
      const { ifname, ifindex } = event.data.old;
      const record = observe ? undefined : records.read(ifname);
      if (record?.state === 'configured' && record.ifindex === ifindex) void release(ifname, event as never);
    }),
  );
  // It may have gone while the operation was at work.
  undos.push(
    bus.on('interface.configured', 'netconfd', event => {
      const record = event.interface === undefined ? undefined : records.read(event.interface);
      if (record?.state === 'configured' && isGone(records.belief(record)))
        void release(record.interface, event as never);
    }),
  );
  return () => undos.run();
}
