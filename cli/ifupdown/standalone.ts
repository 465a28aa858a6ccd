import { dirname } from 'node:path';
import { NetconfError } from '../../core/base/errors.ts';
import { lockFile } from '../../core/control/lock.ts';
import { defaultSocket } from '../../core/control/path.ts';
import { standalone } from '../../core/standalone.ts';
import type { Door } from './door.ts';

/** Operations in this process. In the built programs this module is text that is compiled when it is needed. */
export async function openStandalone(socket: string | undefined, config: string | undefined): Promise<Door> {
  const netconf = await standalone({ socket, config });
  return {
    operate: (request, parameters, progress, signal) => {
      const { interface: on } = parameters;
      if (on !== undefined) refuseRecursion(on, `${dirname(socket ?? defaultSocket())}/interfaces`);
      return netconf.operate(request, parameters, progress, signal);
    },
    [Symbol.asyncDispose]: () => netconf.close(),
  };
}

/** A script of an operation that asks for the same interface would wait for itself; the variable alone may be old. */
function refuseRecursion(on: string, records: string): void {
  if (process.env[`IFUPDOWN_${on}`] === undefined) return;
  const unlock = lockFile(`${records}/${on}.lock`);
  if (unlock === undefined) throw new NetconfError('Reentrant', `an operation of ${on} waits for this one`);
  unlock();
}
