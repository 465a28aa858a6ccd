import { lstatSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { messageOf } from '../../../core/base/errors.ts';
import { Lines } from './lines.ts';
import { type Message, messageIn } from './message.ts';

/** Milliseconds that OpenVPN may take to say who it is: its one thread is busy with a handshake at times. */
const greetingMs = 5000;

/** A connection to the management interface of one OpenVPN, over a Unix socket. It has one client at a time. */
export class Management {
  readonly #socket: Socket;
  #over = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Resolves when OpenVPN has greeted. Rejects with a sentence: no such socket, another user's, nobody answers in time.
   *
   * @param told hears every message that is known, in their order
   * @param ended hears why it is over, once, unless it was closed here
   */
  static open(
    path: string,
    told: (message: Message) => void,
    ended: (reason: string) => void,
  ): Promise<Management> {
    checkOwner(path);
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      const management = new Management(socket);
      let greeted = false;
      const end = (reason: string) => {
        clearTimeout(timer);
        socket.destroy();
        if (management.#over) return;
        management.#over = true;
        if (greeted) ended(reason);
        else reject(new Error(`${path}: ${reason}`));
      };
      const timer = setTimeout(() => end('nobody answers on this management socket'), greetingMs);
      const lines = new Lines(line => {
        const message = messageIn(line);
        if (message === undefined || management.#over) return false;
        if (!greeted && message.kind === 'greeting') {
          greeted = true;
          clearTimeout(timer);
          resolve(management);
        }
        if (greeted) told(message);
        return true;
      });
      socket.on('data', chunk => {
        try {
          if (!management.#over) lines.push(chunk);
        } catch (error) {
          end(messageOf(error));
        }
      });
      socket.once('error', error => end(messageOf(error)));
      socket.once('close', () => end('the management socket was closed'));
      // A VPN does not keep the process alive that looks after it.
      socket.unref();
    });
  }

  /** Sends one line. */
  send(command: string): void {
    if (!this.#over) this.#socket.write(`${command}\n`);
  }

  close(): void {
    this.#over = true;
    this.#socket.destroy();
  }
}

/** Whoever owns the socket says what addresses and routes there will be. Throws a sentence. */
function checkOwner(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  const own = process.geteuid?.() ?? 0;
  if (status === undefined) throw new Error(`${path}: there is no such management socket`);
  if (!status.isSocket()) throw new Error(`${path} is no socket`);
  if (status.uid !== 0 && status.uid !== own)
    throw new Error(`${path} belongs to user ${status.uid}: netconf trusts root's alone`);
}
