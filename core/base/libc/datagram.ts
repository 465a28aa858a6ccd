import { constants, endianness } from 'node:os';
import { check, declare, SystemError } from './library.ts';

const socket = declare<[number, number, number]>('int socket(int domain, int type, int protocol)');
const sendto = declare<[number, Buffer, number, number, Buffer, number]>(
  'long sendto(int descriptor, void *message, size_t length, int flags, void *address, unsigned int size)',
);
const close = declare<[number]>('int close(int descriptor)');

/** asm-generic; the same on every architecture that koffi and Node share. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/** Bytes of `sun_path`, its final NUL included; unix(7). */
const pathSize = 108;

/**
 * Sends one datagram to a Unix socket: a path, or with `@` in front a name in the abstract name space (unix(7)).
 * Never blocks. Throws {@link SystemError}; `EAGAIN` when the receiver's queue is full.
 */
export function sendDatagram(name: string, message: Buffer): void {
  const address = unixAddress(name);
  const descriptor = check('socket', socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    check(
      `sendto ${name}`,
      sendto(descriptor, message, message.length, MSG_NOSIGNAL, address, address.length),
    );
  } finally {
    close(descriptor);
  }
}

/** struct sockaddr_un: the family in the machine's byte order, then the name; abstract names have no final NUL. */
export function unixAddress(name: string): Buffer {
  const abstract = name.startsWith('@');
  const text = Buffer.from(abstract ? `\0${name.slice(1)}` : `${name}\0`);
  if (text.length > pathSize) throw new SystemError(`address ${name}`, constants.errno.ENAMETOOLONG);
  const family = Buffer.alloc(2);
  if (endianness() === 'LE') family.writeUInt16LE(AF_UNIX);
  else family.writeUInt16BE(AF_UNIX);
  return Buffer.concat([family, text]);
}
