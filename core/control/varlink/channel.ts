import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, NetconfError } from '../../base/errors.ts';
import { VarlinkError } from './error.ts';
import { Framer, FramingError } from './framing.ts';
import { encodeCall, parseReply, type ReplyMessage } from './message.ts';

/** Bytes of one reply; systemd's library has the same bound. */
const longestReply = 16 * 1024 * 1024;

/** A full backlog of the listener (connect(2): EAGAIN) is tried again: times, and milliseconds between. */
const attempts = 40;
const pause = 50;

interface Pending {
  reply(parameters: Record<string, unknown>, continues: boolean): void;
  fail(error: unknown): void;
}

/** Connects to a Unix socket. Rejects with the system's error (`code` ENOENT, ECONNREFUSED, EACCES…). */
export async function openSocket(path: string, signal?: AbortSignal): Promise<Socket> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await openOnce(path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN' && attempt < attempts))
        throw error;
      await sleep(pause, undefined, signal === undefined ? {} : { signal });
    }
  }
}

function openOnce(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/**
 * The client's end of one connection: any number of calls at once, answered in order. Errors: {@link VarlinkError} as
 * the server gave it; `BadReply` for what is no Varlink; `NotRunning` when the connection ends before the answer.
 */
export class Channel {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  readonly #framer = new Framer(longestReply);
  #failure: unknown;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', chunk => this.#read(chunk));
    socket.on('error', error => this.close(gone(messageOf(error))));
    socket.on('close', () => this.close(gone()));
  }

  /** @param part is given every reply but the last, where the call has `more` */
  call(
    method: string,
    parameters: object,
    part?: (parameters: Record<string, unknown>) => void,
  ): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#pending.push({
        reply: (reply, continues) => (continues ? part?.(reply) : resolve(reply)),
        fail: reject,
      });
      this.#socket.write(encodeCall(method, parameters, part === undefined ? {} : { more: true }));
    });
  }

  /** Calls without wanting an answer, not even an error. Resolves when the call is sent. */
  send(method: string, parameters: object): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure);
      else {
        this.#socket.write(encodeCall(method, parameters, { oneway: true }), error =>
          error ? reject(gone(messageOf(error))) : resolve(),
        );
      }
    });
  }

  /** Ends the connection; what waits for an answer gets the error. */
  close(failure: unknown): void {
    this.#failure ??= failure;
    for (const pending of this.#pending.splice(0)) pending.fail(this.#failure);
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#framer.push(chunk);
    try {
      for (let reply = nextReply(this.#framer); reply !== undefined; reply = nextReply(this.#framer)) {
        this.#take(reply);
      }
    } catch (error) {
      this.close(error);
    }
  }

  #take({ parameters, continues, error }: ReplyMessage): void {
    const pending = continues ? this.#pending[0] : this.#pending.shift();
    if (error !== undefined) {
      const failure = new VarlinkError(error, parameters);
      if (pending === undefined) throw failure;
      if (continues) this.#pending.shift();
      pending.fail(failure);
    } else if (pending === undefined) {
      throw new NetconfError('BadReply', 'the server answered what nobody asked');
    } else pending.reply(parameters, continues);
  }
}

/**
 * Makes one call with `more` on a socket of its own and yields its replies as they are wanted: the server is not read
 * from faster than that. Leaving the loop closes the socket.
 */
export async function* streamReplies(
  socket: Socket,
  method: string,
  parameters: object,
): AsyncGenerator<Record<string, unknown>, void, void> {
  const framer = new Framer(longestReply);
  try {
    socket.write(encodeCall(method, parameters, { more: true }));
    for await (const chunk of socket) {
      framer.push(chunk);
      for (let reply = nextReply(framer); reply !== undefined; reply = nextReply(framer)) {
        if (reply.error !== undefined) throw new VarlinkError(reply.error, reply.parameters);
        yield reply.parameters;
        if (!reply.continues) return;
      }
    }
  } catch (error) {
    if (error instanceof VarlinkError || error instanceof NetconfError) throw error;
    throw gone(messageOf(error));
  } finally {
    socket.destroy();
  }
  throw gone();
}

function nextReply(framer: Framer): ReplyMessage | undefined {
  try {
    const text = framer.next();
    return text === undefined ? undefined : parseReply(text);
  } catch (error) {
    if (!(error instanceof FramingError) && !(error instanceof VarlinkError)) throw error;
    throw new NetconfError('BadReply', `the server does not speak Varlink: ${error.message}`);
  }
}

function gone(detail?: string): NetconfError {
  const message = 'the connection ended before the answer was complete';
  return new NetconfError('NotRunning', detail === undefined ? message : `${message}: ${detail}`);
}
