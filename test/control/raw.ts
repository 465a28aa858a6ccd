import type { Socket } from 'node:net';
import { openSocket } from '../../core/control/varlink/channel.ts';

/** A client without a library: bytes out, messages in. */
export class Raw {
  readonly socket: Socket;
  readonly messages: Record<string, unknown>[] = [];
  closed = false;
  #rest = '';
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const parts = (this.#rest + text).split('\0');
      this.#rest = parts.pop()!;
      for (const part of parts) this.messages.push(JSON.parse(part));
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async open(path: string): Promise<Raw> {
    return new Raw(await openSocket(path));
  }

  send(message: object | string): void {
    this.socket.write(typeof message === 'string' ? message : `${JSON.stringify(message)}\0`);
  }

  /** The next message; undefined when the connection is closed instead. */
  async next(): Promise<Record<string, unknown> | undefined> {
    while (this.messages.length === 0 && !this.closed) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.messages.shift();
  }

  async ask(message: object | string): Promise<Record<string, unknown> | undefined> {
    this.send(message);
    return this.next();
  }

  close(): void {
    this.socket.destroy();
  }
}
