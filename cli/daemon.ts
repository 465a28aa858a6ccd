import type { Choice } from '../core/base/choice.ts';
import { type Client, connect } from '../core/control/client.ts';

/** Connects to the daemon that the caller means (`--socket`, else where the client library looks), does the work, and lets go of the connection whatever happens. */
export async function withDaemon<T>(choice: Choice, work: (client: Client) => Promise<T>): Promise<T> {
  const socket = choice.value('socket');
  const client = await connect(socket === undefined ? {} : { socket });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
