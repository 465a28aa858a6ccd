import type { Socket } from 'node:net';
import { type ErrorCode, errorCodes, messageOf, NetconfError } from '../base/errors.ts';
import type { Methods } from './api.ts';
import { checkPrivateDirectory, checkSocketOwner, checkSocketPath, clientSockets } from './path.ts';
import { Channel, openSocket, streamReplies } from './varlink/channel.ts';
import { VarlinkError } from './varlink/error.ts';

export { type ErrorCode, NetconfError } from '../base/errors.ts';
export type { EventJson } from '../bus/event.ts';
export type * from './api.ts';
export { VarlinkError } from './varlink/error.ts';

export interface ConnectOptions {
  /** @default `NETCONF_SOCKET`, the user's own daemon, the system's: the first that answers */
  socket?: string;
  /** As root: also one that others than root could have put there. @default false: `BadSocket` */
  anyones?: boolean;
  /** Ends the attempt, and later the client with all its calls and streams; they reject with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Connects to netconfd.
 *
 *     await using client = await connect();
 *     await client.call('Emit', { event: 'home-lan-connected', interface: 'eth0' });
 *     for await (const { event } of client.stream('Monitor', { names: ['link.*'] })) console.log(event?.name);
 *
 * Throws `NotRunning`, `Denied`, `BadSocket`.
 */
export async function connect({ socket, anyones = false, signal }: ConnectOptions = {}): Promise<Client> {
  const paths = socket === undefined ? clientSockets() : [socket];
  for (const path of paths) {
    checkSocketPath(path);
    if (!anyones) checkSocketOwner(path);
    const found = await tryConnect(path, signal);
    if (found !== undefined) return new Client(path, found, signal);
  }
  throw new NetconfError('NotRunning', `no netconfd answers on ${paths.join(' or ')}`, {
    hint: 'start it (systemctl start netconfd, or netconfd), or name its socket with --socket or NETCONF_SOCKET',
  });
}

/** A connection to netconfd. Any number of calls may be at work at once; they are answered in their order. */
export class Client {
  /** Of the socket that answered. */
  readonly path: string;
  readonly #channel: Channel;
  readonly #signal: AbortSignal | undefined;
  readonly #streams = new Set<Socket>();
  readonly #abort = () => this.#end(this.#signal?.reason);
  #closed = false;

  /** Use {@link connect}. */
  constructor(path: string, socket: Socket, signal?: AbortSignal) {
    this.path = path;
    this.#channel = new Channel(socket);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
  }

  /**
   * Calls a method and resolves with its answer; one that comes in parts (`Status`, `History`) is put together.
   * Throws {@link NetconfError} with the daemon's code, {@link VarlinkError} for Varlink's own errors.
   */
  async call<Name extends keyof Methods>(
    method: Name,
    parameters: Methods[Name]['in'],
  ): Promise<Methods[Name]['out']> {
    if (!inParts.has(method))
      return this.callAny(`${prefix}${method}`, parameters) as Promise<Methods[Name]['out']>;
    const whole: Record<string, unknown> = {};
    await this.callInParts(method, parameters, part => merge(whole, part as Record<string, unknown>));
    return whole as Methods[Name]['out'];
  }

  /**
   * As `call`, with each part of the answer as it comes, the last one too: nothing is put together. The parts are read
   * as fast as they come; where taking one takes time, use `stream`.
   */
  async callInParts<Name extends keyof Methods>(
    method: Name,
    parameters: Methods[Name]['in'],
    take: (part: Methods[Name]['out']) => void,
  ): Promise<void> {
    const each = take as (part: Record<string, unknown>) => void;
    each(await translated(this.#channel.call(`${prefix}${method}`, parameters, each)));
  }

  /** `call('Status')`. */
  callStatus(parameters: Methods['Status']['in'] = {}): Promise<Methods['Status']['out']> {
    return this.call('Status', parameters);
  }

  /** Calls any method by its full name, such as `org.varlink.service.GetInfo`. */
  callAny(method: string, parameters: object = {}): Promise<Record<string, unknown>> {
    return translated(this.#channel.call(method, parameters));
  }

  /** Calls without waiting for an answer, not even an error. Resolves when the call is sent. */
  send<Name extends keyof Methods>(method: Name, parameters: Methods[Name]['in']): Promise<void> {
    return translated(this.#channel.send(`${prefix}${method}`, parameters));
  }

  /**
   * The replies of a method one by one, on a connection of their own: other calls go on meanwhile, and leaving the
   * loop ends it. Ends by itself with the last reply, or when the client is closed. The daemon is read from only as
   * fast as the loop turns; `Monitor` then says `{lost}`.
   */
  async *stream<Name extends keyof Methods>(
    method: Name,
    parameters: Methods[Name]['in'],
  ): AsyncGenerator<Methods[Name]['out'], void, void> {
    if (this.#closed) throw this.#reason();
    const socket = await tryConnect(this.path, this.#signal);
    if (socket === undefined)
      throw new NetconfError('NotRunning', `no netconfd answers on ${this.path} any more`);
    // Closed while connecting.
    if (this.#closed) socket.destroy();
    this.#streams.add(socket);
    try {
      for await (const reply of streamReplies(socket, `${prefix}${method}`, parameters)) {
        yield reply as Methods[Name]['out'];
      }
    } catch (error) {
      if (!this.#closed) throw clientError(error);
      if (this.#signal?.aborted) throw this.#reason();
    } finally {
      this.#streams.delete(socket);
    }
  }

  /** Lets go of the daemon: streams end, calls without an answer are rejected. */
  close(): void {
    this.#end(this.#reason());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #reason(): unknown {
    if (this.#signal?.aborted) return this.#signal.reason;
    return new NetconfError('NotRunning', 'the client was closed');
  }

  #end(reason: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    for (const socket of this.#streams) socket.destroy();
    this.#channel.close(reason);
  }
}

const prefix = 'io.netconf.';

/** Methods whose answer may come in parts: they are called with `more`. */
const inParts: ReadonlySet<keyof Methods> = new Set(['Status', 'History']);

/** Lists of the same name are put together, everything else is taken over. */
function merge(whole: Record<string, unknown>, part: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(part)) {
    const before = whole[name];
    if (Array.isArray(before) && Array.isArray(value)) for (const each of value) before.push(each);
    else whole[name] = value;
  }
}

async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw clientError(error);
  }
}

/** The daemon's own errors come back as what they were there. */
function clientError(error: unknown): unknown {
  if (!(error instanceof VarlinkError) || !error.error.startsWith(prefix)) return error;
  const code = error.error.slice(prefix.length);
  if (!isErrorCode(code)) return error;
  const { message, hint } = error.parameters;
  return new NetconfError(
    code,
    typeof message === 'string' ? message : errorCodes[code],
    typeof hint === 'string' ? { hint } : {},
  );
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** Undefined where nobody listens. */
async function tryConnect(path: string, signal: AbortSignal | undefined): Promise<Socket | undefined> {
  checkPrivateDirectory(path);
  try {
    return await openSocket(path, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new NetconfError('Denied', `${path}: you may not connect to this socket`, { cause: error });
    }
    if (code === 'EAGAIN')
      throw new NetconfError('Overloaded', `${path}: netconfd takes no more connections`);
    if (signal?.aborted) throw signal.reason;
    throw new NetconfError('BadSocket', `${path}: ${messageOf(error)}`, { cause: error });
  }
}
