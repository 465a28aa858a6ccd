import type { Choice } from '../core/base/choice.ts';
import { type Client, connect } from '../core/control/client.ts';

/**
 * Connects to the daemon that the caller means (`--socket`, else where the client library looks), and does the work.
 * The connection ends with the process, which is what comes next: ending it before would be one more thing to wait for.
 */
export async function withDaemon<T>(choice: Choice, work: (client: Client) => Promise<T>): Promise<T> {
  const socket = choice.value('socket');
  return work(await connect(socket === undefined ? {} : { socket }));
}
