import koffi from './koffi.ts';
import { check, declare, errno } from './library.ts';

/** Numbers of <asm-generic/…>, which x86-64, arm64 and riscv64 share. */
const AF_NETLINK = 16;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_RCVBUFFORCE = 33;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;

const libcSocket = declare<[number, number, number]>('int socket(int domain, int type, int protocol)');
const libcBind = declare<[number, Uint8Array, number]>(
  'int bind(int fd, const void *address, uint32_t length)',
);
const libcClose = declare<[number]>('int close(int fd)');
const libcSetsockopt = declare<[number, number, number, Uint8Array, number]>(
  'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
);
const libcGetsockopt = declare<[number, number, number, Uint8Array, Uint8Array]>(
  'int getsockopt(int fd, int level, int name, void *value, void *length)',
);
const libcSendto = declare<[number, Uint8Array, number, number, Uint8Array, number]>(
  'long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t size)',
);
const libcRecvmmsg = declare<[number, Uint8Array, number, number, null]>(
  'int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)',
);

/** A non-blocking, close-on-exec netlink socket, bound to an address of the kernel's choice. Returns its descriptor. */
export function openNetlink(protocol: number): number {
  const fd = check('socket', libcSocket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (libcBind(fd, kernelAddress, kernelAddress.length) < 0) {
    const number = errno();
    libcClose(fd);
    koffi.errno(number);
    check('bind', -1);
  }
  return fd;
}

export function closeSocket(fd: number): void {
  libcClose(fd);
}

/** Sets an integer option; false where the kernel refuses it. */
export function setOption(fd: number, level: number, name: number, value: number): boolean {
  return libcSetsockopt(fd, level, name, integer(value), 4) === 0;
}

export function getOption(fd: number, level: number, name: number): number {
  const value = integer(0);
  check('getsockopt', libcGetsockopt(fd, level, name, value, integer(4)));
  return new Int32Array(value.buffer)[0]!;
}

/** Sends a datagram to the kernel's end of a netlink socket. */
export function sendToKernel(fd: number, bytes: Uint8Array): void {
  check('sendto', libcSendto(fd, bytes, bytes.length, 0, kernelAddress, kernelAddress.length));
}

/**
 * Receives many datagrams with one call. The memory is allotted once and stays: what `bytes` holds is valid until
 * the next `receive`. The structures are laid out by koffi, so that they are right on every machine.
 */
export class Receiver {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly halves: Uint16Array;
  /** Bytes that one datagram may have. */
  readonly size: number;
  readonly slots: number;
  /** Messages: what the structures point to must not be collected while they do. */
  readonly #messages: Uint8Array;
  readonly #vectors: Uint8Array;
  readonly #names: Uint32Array;
  /** The same as words, and where among them those of a message are: all are aligned to their size (recvmmsg(2)). */
  readonly #counts: Uint32Array;
  readonly #stride: number;
  readonly #length: number;
  readonly #flags: number;

  constructor(slots: number, size: number) {
    const { message, vector, header } = structures();
    this.slots = slots;
    this.size = size;
    // Large enough to come from the kernel as untouched pages: only what arrives takes memory.
    const memory = new ArrayBuffer(slots * size);
    this.bytes = Buffer.from(memory);
    this.words = new Uint32Array(memory);
    this.halves = new Uint16Array(memory);
    const stride = koffi.sizeof(message);
    this.#stride = stride / 4;
    this.#length = koffi.offsetof(message, 'length') / 4;
    this.#flags = (koffi.offsetof(message, 'header') + koffi.offsetof(header, 'flags')) / 4;
    this.#messages = new Uint8Array(new ArrayBuffer(slots * stride));
    this.#counts = new Uint32Array(this.#messages.buffer);
    this.#vectors = new Uint8Array(new ArrayBuffer(slots * koffi.sizeof(vector)));
    this.#names = new Uint32Array(new ArrayBuffer(slots * kernelAddress.length));
    const [bytes, vectors, names] = [this.bytes, this.#vectors, this.#names].map(at => koffi.address(at));
    for (let i = 0; i < slots; i++) {
      const offset = i * koffi.sizeof(vector);
      koffi.encode(this.#vectors, offset, vector, { base: bytes! + BigInt(i * size), length: size });
      koffi.encode(this.#messages, i * stride, message, {
        header: {
          name: names! + BigInt(i * kernelAddress.length),
          nameLength: kernelAddress.length,
          vectors: vectors! + BigInt(offset),
          vectorCount: 1,
          control: null,
          controlLength: 0,
          flags: 0,
        },
        length: 0,
      });
    }
  }

  /** The number of datagrams received; 0 for none there; a negative errno. */
  receive(fd: number): number {
    const count = libcRecvmmsg(fd, this.#messages, this.slots, MSG_DONTWAIT, null);
    if (count >= 0) return count;
    const number = errno();
    return number === 11 /* EAGAIN */ || number === 4 /* EINTR */ ? 0 : -number;
  }

  /** Length of datagram `i`. */
  length(i: number): number {
    return this.#counts[i * this.#stride + this.#length]!;
  }

  isTruncated(i: number): boolean {
    return (this.#counts[i * this.#stride + this.#flags]! & MSG_TRUNC) !== 0;
  }

  /** Netlink port of the sender of datagram `i`: 0 is the kernel. */
  sender(i: number): number {
    // struct sockaddr_nl: family and padding, port, groups.
    return this.#names[i * 3 + 1]!;
  }
}

/** `struct sockaddr_nl` of the kernel: port and groups 0. */
const kernelAddress = new Uint8Array(12);
new Uint16Array(kernelAddress.buffer)[0] = AF_NETLINK;

function integer(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

function structures() {
  const { vector, header } = messageLayouts();
  const message = koffi.struct({ header, length: 'uint32_t' });
  return { vector, header, message };
}

/** struct iovec, struct msghdr: recvmsg(2). */
export function messageLayouts() {
  const vector = koffi.struct({ base: 'void *', length: 'size_t' });
  const header = koffi.struct({
    name: 'void *',
    nameLength: 'uint32_t',
    vectors: 'void *',
    vectorCount: 'size_t',
    control: 'void *',
    controlLength: 'size_t',
    flags: 'int',
  });
  return { vector, header };
}
