import { Socket } from 'node:net';
import { check, declare } from './library.ts';

const socket = declare<[number, number, number]>('int socket(int domain, int type, int protocol)');
const dup3 = declare<[number, number, number]>('int dup3(int from, int to, int flags)');

/** asm-generic; the same on every architecture that koffi and Node share. */
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const CLOEXEC = 0o2000000;

/** What Node has below a `net.Socket`; the part of it that is used here. */
interface Handle {
  onread: () => void;
  readStart(): number;
  readStop(): number;
}

/**
 * Calls back, in a turn of the event loop of its own, for as long as a descriptor of any kind has something to read, or
 * an error to tell; the callback reads for itself. Node can wait for streams alone. So this is one, of a socket that
 * nobody uses, in whose place the descriptor is put; and its buffer has no room, so libuv asks for more instead of
 * reading (`UV_ENOBUFS` of uv_alloc_cb), which is the call. See docs/decisions/wake-up.md. It does not keep the process alive.
 */
export class Readable {
  readonly #socket: Socket;
  readonly #handle: Handle;

  /** @param fd is not closed with it. Throws SystemError (EMFILE), and an Error where Node has other ways below. */
  constructor(fd: number, callback: () => void) {
    const place = check('socket', socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | CLOEXEC, 0));
    const options = {
      fd: place,
      manualStart: true,
      onread: { buffer: Buffer.alloc(0), callback: () => true },
    };
    this.#socket = new Socket(options);
    this.#handle = (this.#socket as unknown as { _handle: Handle })._handle;
    try {
      check('dup3', dup3(fd, place, CLOEXEC));
      this.#handle.onread = callback;
      this.resume();
    } catch (error) {
      this.#socket.destroy();
      throw error;
    }
    this.#socket.unref();
  }

  pause(): void {
    this.#handle.readStop();
  }

  resume(): void {
    if (this.#handle.readStart() !== 0) throw new Error('a descriptor cannot be waited for');
  }

  close(): void {
    this.#socket.destroy();
  }
}
