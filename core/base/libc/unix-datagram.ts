import { rmSync } from 'node:fs';
import { unixAddress } from './datagram.ts';
import koffi from './koffi.ts';
import { check, declare } from './library.ts';
import { Readable } from './readable.ts';
import { closeSocket, messageLayouts, SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET, setOption } from './socket.ts';

const socket = declare<[number, number, number]>('int socket(int domain, int type, int protocol)');
const bind = declare<[number, Uint8Array, number]>('int bind(int fd, const void *address, uint32_t length)');
const connect = declare<[number, Uint8Array, number]>(
  'int connect(int fd, const void *address, uint32_t length)',
);
const send = declare<[number, Uint8Array, number, number]>(
  'long send(int fd, const void *bytes, size_t length, int flags)',
);
const recvmsg = declare<[number, Uint8Array, number]>('long recvmsg(int fd, void *message, int flags)');

/** asm-generic; the same on every architecture that koffi and Node share, but for SO_PASSCRED of powerpc. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SO_PASSCRED = process.arch === 'ppc64' ? 20 : 16;
const SCM_CREDENTIALS = 2;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;

/** Datagrams that are handed on before others have their turn. */
const atOnce = 64;
/** Milliseconds between two looks where nothing wakes us. */
const clockMs = 50;

/** A datagram, and who sent it as the kernel knows it: nobody can pretend to be another. */
export interface Datagram {
  /** Valid until the next is received. */
  bytes: Buffer;
  pid: number;
  uid: number;
  /** It was longer than what is taken: the rest of it is lost. */
  truncated: boolean;
}

/**
 * A datagram socket between a path of our own and one of somebody else's: the kernel lets only the socket that lay there
 * send to it from then on. The event loop says that something has come; no timer runs while nothing does.
 */
export class UnixDatagramSocket {
  readonly #fd: number;
  readonly #local: string;
  readonly #heard: (datagram: Datagram) => void;
  readonly #message: Message;
  /** Undefined where the event loop cannot wait for it. */
  readonly #readable: Readable | undefined;
  readonly #clock: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * Throws {@link SystemError}: ENOENT and ECONNREFUSED where nobody listens, EACCES, ENAMETOOLONG.
   * @param local where it lies until it is closed; nothing may lie there before
   * @param size bytes that are taken of a datagram
   * @param heard must not throw
   */
  constructor(local: string, peer: string, size: number, heard: (datagram: Datagram) => void) {
    const [own, other] = [unixAddress(local), unixAddress(peer)];
    this.#local = local;
    this.#heard = heard;
    this.#message = new Message(size);
    const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    this.#fd = check('socket', socket(AF_UNIX, type, 0));
    let isBound = false;
    try {
      if (!setOption(this.#fd, SOL_SOCKET, SO_PASSCRED, 1)) check('setsockopt SO_PASSCRED', -1);
      check(`bind ${local}`, bind(this.#fd, own, own.length));
      isBound = true;
      check(`connect ${peer}`, connect(this.#fd, other, other.length));
    } catch (error) {
      closeSocket(this.#fd);
      if (isBound) rmSync(local, { force: true });
      throw error;
    }
    try {
      this.#readable = new Readable(this.#fd, () => this.#drain());
    } catch {
      this.#clock = setInterval(() => this.#drain(), clockMs).unref();
    }
  }

  /** Never blocks. Throws {@link SystemError}: ECONNREFUSED when the peer has closed, EAGAIN when it does not read. */
  send(bytes: Uint8Array): void {
    check('send', send(this.#fd, bytes, bytes.length, MSG_NOSIGNAL | MSG_DONTWAIT));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#clock);
    this.#readable?.close();
    closeSocket(this.#fd);
    rmSync(this.#local, { force: true });
  }

  /** What is left the event loop tells of again. */
  #drain(): void {
    for (let count = 0; count < atOnce && !this.#closed; count++) {
      const datagram = this.#message.receive(this.#fd);
      if (datagram === undefined) return;
      this.#heard(datagram);
    }
  }
}

/**
 * What recvmsg(2) fills in, allotted once. There is room for the sender's credentials and for nothing else: the kernel
 * throws descriptors away that a datagram brings.
 */
class Message {
  readonly #bytes: Buffer;
  readonly #control: Uint8Array;
  readonly #vector: Uint8Array;
  readonly #header: Uint8Array;
  readonly #layout = layouts();

  constructor(size: number) {
    const { header, vector, control } = this.#layout;
    this.#bytes = Buffer.from(new ArrayBuffer(size));
    this.#control = new Uint8Array(new ArrayBuffer(aligned(koffi.sizeof(control)) + aligned(credentials)));
    this.#vector = new Uint8Array(new ArrayBuffer(koffi.sizeof(vector)));
    this.#header = new Uint8Array(new ArrayBuffer(koffi.sizeof(header)));
    koffi.encode(this.#vector, 0, vector, { base: koffi.address(this.#bytes), length: size });
  }

  /** Undefined when there is none. */
  receive(fd: number): Datagram | undefined {
    const { header, control } = this.#layout;
    this.#control.fill(0);
    koffi.encode(this.#header, 0, header, {
      name: null,
      nameLength: 0,
      vectors: koffi.address(this.#vector),
      vectorCount: 1,
      control: koffi.address(this.#control),
      controlLength: this.#control.length,
      flags: 0,
    });
    const length = recvmsg(fd, this.#header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    // Nothing there; or an error, which is told once: whoever sends next learns of a peer that is gone.
    if (length < 0) return undefined;
    const { flags } = koffi.decode(this.#header, header) as { flags: number };
    const { level, type } = koffi.decode(this.#control, control) as { level: number; type: number };
    const known = level === SOL_SOCKET && type === SCM_CREDENTIALS;
    const [pid, uid] = new Uint32Array(this.#control.buffer, aligned(koffi.sizeof(control)), 2);
    return {
      bytes: this.#bytes.subarray(0, length),
      pid: known ? pid! : 0,
      uid: known ? uid! : nobody,
      truncated: (flags & MSG_TRUNC) !== 0,
    };
  }
}

/** Bytes of struct ucred: pid, uid, gid. */
const credentials = 12;
/** No user: (uid_t) -1. */
const nobody = 0xffff_ffff;

/** CMSG_ALIGN of cmsg(3). */
function aligned(length: number): number {
  const word = koffi.sizeof('size_t');
  return Math.ceil(length / word) * word;
}

function layouts() {
  const { vector, header } = messageLayouts();
  const control = koffi.struct({ length: 'size_t', level: 'int', type: 'int' });
  return { vector, header, control };
}
