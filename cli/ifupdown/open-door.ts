import { NetconfError } from '../../core/base/errors.ts';
import { connect } from '../../core/control/client.ts';
import type { Door } from './door.ts';

export interface Way {
  /** Of netconfd. */
  socket: string | undefined;
  /** The configuration file, where no netconfd has it. */
  config: string | undefined;
  /** Not by netconfd. */
  alone: boolean;
}

/** Throws `Denied`, `BadSocket`, `NotRunning` where neither can do it. */
export async function openDoor({ socket, config, alone }: Way): Promise<Door> {
  if (!alone) {
    try {
      return await daemonDoor(socket);
    } catch (error) {
      const isAbsent = error instanceof NetconfError && error.code === 'NotRunning';
      if (!isAbsent || process.geteuid?.() !== 0) throw error;
    }
  }
  const { openStandalone } = await import('./standalone.ts');
  return openStandalone(socket, config);
}

async function daemonDoor(socket: string | undefined): Promise<Door> {
  const client = await connect(socket === undefined ? {} : { socket });
  return {
    operate: async (request, parameters, progress, signal) => {
      // Closing the client is what tells the daemon that nobody waits any more.
      const gone = () => client.close();
      signal.addEventListener('abort', gone, { once: true });
      try {
        const replies = client.stream(request === 'ifup' ? 'Up' : 'Down', parameters);
        for await (const { progress: step, results } of replies) {
          if (step !== undefined) progress(step);
          if (results !== undefined) return results;
        }
        throw new NetconfError('NotRunning', 'netconfd ended before it had answered');
      } finally {
        signal.removeEventListener('abort', gone);
      }
    },
    [Symbol.asyncDispose]: async () => client.close(),
  };
}
