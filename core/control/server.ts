import { createServer, type Server, type Socket } from 'node:net';
import { messageOf, NetconfError } from '../base/errors.ts';
import { peerCredentials } from '../base/libc/credentials.ts';
import { hungUp } from '../base/libc/poll.ts';
import type { Log } from '../base/log.ts';
import type { Undo } from '../base/undo.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import type { Peer } from './api.ts';
import type { Backend } from './backend.ts';
import { Monitors } from './monitor.ts';
import { controlService, translateError } from './service.ts';
import { claimSocket } from './socket-file.ts';
import { Connection, type ConnectionLimits } from './varlink/connection.ts';
import { VarlinkError } from './varlink/error.ts';
import { encodeError } from './varlink/message.ts';
import type { Service } from './varlink/service.ts';
import { Share } from './varlink/share.ts';

export interface ControlServerOptions {
  /** Of the socket; see `defaultSocket`. */
  path: string;
  backend: Backend;
  log: Log;
  limits?: Partial<AdmissionLimits & ConnectionLimits>;
  /** Told of every connection that has ended, refused ones too. */
  ended?: () => void;
}

/** Refused connections that are kept a moment so that the refusal is read; more are closed at once. */
const lingering = 64;
const linger = 1000;

/**
 * The control socket: listens, learns from the kernel who connects, bounds how many do, and hands each connection to
 * the Varlink service. Anybody may connect (mode 0666); what each may do is asked call by call.
 */
export class ControlServer {
  readonly path: string;
  readonly #log: Log;
  readonly #limits: Partial<AdmissionLimits & ConnectionLimits>;
  readonly #ended: () => void;
  readonly #monitors: Monitors;
  readonly #service: Service<Peer>;
  readonly #admission: Admission;
  readonly #share = new Share();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #release: Undo | undefined;
  #lingering = 0;
  #accepted = 0;
  #refused = 0;
  #calls = 0;

  constructor({ path, backend, log, limits = {}, ended = () => {} }: ControlServerOptions) {
    this.path = path;
    this.#log = log;
    this.#limits = limits;
    this.#ended = ended;
    this.#monitors = new Monitors(backend);
    this.#service = controlService(backend, this.#monitors);
    this.#admission = new Admission(limits);
    this.#server = createServer({ allowHalfOpen: true }, socket => this.#accept(socket));
  }

  /** For `Status`. */
  get counters(): Record<string, number> {
    return {
      connections: this.#admission.size,
      'connections.accepted': this.#accepted,
      'connections.refused': this.#refused,
      calls: this.#calls,
      subscribers: this.#monitors.size,
      'events.lost': this.#monitors.lost,
    };
  }

  /**
   * Opens the socket. Replaces the file of a daemon that is gone, never that of a living one. Throws `AlreadyRunning`,
   * and `BadSocket` for a path that cannot be one.
   */
  async listen(): Promise<void> {
    this.#release = await claimSocket(this.path);
    try {
      await this.#bind();
    } catch (error) {
      await this.close();
      throw error instanceof NetconfError
        ? error
        : new NetconfError('BadSocket', `${this.path}: ${messageOf(error)}`, { cause: error });
    }
    this.#server.on('error', error => this.#log.error(`${this.path}: ${messageOf(error)}`));
  }

  /** Closes every connection and removes the socket's file. May be called twice. */
  async close(): Promise<void> {
    const closed = this.#server.listening
      ? new Promise<void>(resolve => this.#server.close(() => resolve()))
      : undefined;
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#release?.();
    this.#release = undefined;
  }

  /** With mode 0666 from the start: a mode set afterwards, by name, could be set of something else. */
  #bind(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      const before = process.umask(0o111);
      this.#server.listen({ path: this.path, backlog: 1024 }, () => {
        this.#server.off('error', reject);
        resolve();
      });
      // The file is made within the call.
      process.umask(before);
    });
  }

  #accept(socket: Socket): void {
    socket.on('close', this.#ended);
    const descriptor = descriptorOf(socket);
    let peer: Peer;
    try {
      if (descriptor === undefined) throw new NetconfError('Internal', 'a connection without a descriptor');
      peer = peerCredentials(descriptor);
    } catch (error) {
      // The peer may be gone already.
      this.#log.info(`a connection was closed: ${messageOf(error)}`);
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const leave = this.#admission.enter(peer.uid);
    if (typeof leave === 'string') this.#refuse(socket, leave);
    else this.#serve(socket, peer, leave);
  }

  #serve(socket: Socket, peer: Peer, leave: () => void): void {
    this.#accepted++;
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      leave();
    });
    new Connection<Peer>(socket, {
      peer,
      share: this.#share,
      limits: this.#limits,
      dispatch: call => {
        this.#calls++;
        return this.#service.dispatch(call);
      },
      translate: (error, { method }) => translateError(error, method, this.#log),
      hungUp: () => {
        const descriptor = descriptorOf(socket);
        return descriptor === undefined || hungUp(descriptor);
      },
    });
  }

  /** Says why and closes. Closing at once, with a call of the peer unread, could cost it the sentence. */
  #refuse(socket: Socket, reason: string): void {
    this.#refused++;
    socket.on('error', () => socket.destroy());
    const error = new VarlinkError('io.netconf.Overloaded', {
      message: reason,
      hint: 'close some of them, or keep one open for several calls',
    });
    socket.end(encodeError(error));
    if (this.#lingering >= lingering) {
      socket.destroySoon();
      return;
    }
    this.#lingering++;
    this.#sockets.add(socket);
    const timer = setTimeout(() => socket.destroy(), linger);
    socket.on('close', () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
      this.#lingering--;
    });
    socket.resume();
  }
}

/** libuv's file descriptor of a socket. Node has no public way to it. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return undefined;
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}
