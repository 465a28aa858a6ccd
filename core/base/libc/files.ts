import { endianness } from 'node:os';
import { check, declare, errno, SystemError } from './library.ts';

/** linux/memfd.h */
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
/** asm-generic/fcntl.h, linux/fcntl.h (F_LINUX_SPECIFIC_BASE is 1024) */
const F_SETFL = 4;
const F_ADD_SEALS = 1033;
const F_SEAL_SHRINK = 2;
const F_SEAL_GROW = 4;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
const O_CLOEXEC = 0o2000000;
const O_APPEND = 0o2000;
const O_NONBLOCK = 0o4000;
const SEEK_END = 2;
const EAGAIN = 11;
const EINTR = 4;
const EPIPE = 32;

const memfdCreate = declare<[string, number]>('int memfd_create(const char *name, unsigned int flags)');
const pipe2 = declare<[Buffer, number]>('int pipe2(_Out_ void *fds, int flags)');
// fcntl is variadic in C. On every Linux ABI that koffi knows, one variadic int travels like a named one.
const fcntl = declare<[number, number, number]>('int fcntl(int fd, int command, int argument)');
const readInto = declare<[number, Buffer, number], number | bigint>(
  'long read(int fd, _Out_ void *buffer, size_t count)',
);
const fallocate = withOffsets<[number, number, number, number]>(name => [
  `int ${name}(int fd, int mode, int64_t offset, int64_t length)`,
  'fallocate',
]);
const libcWrite = declare<[number, Buffer, number], number | bigint>(
  'long write(int fd, const void *bytes, size_t count)',
);
const libcClose = declare<[number]>('int close(int fd)');
const lseek = withOffsets<[number, number, number]>(name => [
  `int64_t ${name}(int fd, int64_t offset, int whence)`,
  'lseek',
]);

/** An unnamed file in memory (memfd_create(2)), closed on exec. `sealable`: it can be sealed later. */
export function memoryFile(name: string, sealable = false): number {
  return check('memfd_create', memfdCreate(name, MFD_CLOEXEC | (sealable ? MFD_ALLOW_SEALING : 0)));
}

/** Every write through this description goes to the end, whoever else writes or truncates. */
export function appendOnly(fd: number): void {
  check('fcntl F_SETFL', fcntl(fd, F_SETFL, O_APPEND));
}

/** A file in memory can neither grow nor shrink any more; whoever still holds it gets `EPERM` when it writes more. */
export function sealSize(fd: number): void {
  check('fcntl F_ADD_SEALS', fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK));
}

/** Gives the memory of the first `length` bytes back; size and offsets stay, the bytes read as zeros. */
export function punchHole(fd: number, length: number): void {
  check('fallocate', fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, length));
}

/** close(2), without the checks of node:fs: a descriptor of our own is a number. */
export function closeFile(fd: number): void {
  libcClose(fd);
}

/** write(2) without exceptions for what is ordinary: bytes written, 0 when it is full; -1 when nobody reads any more. */
export function writeAvailable(fd: number, bytes: Buffer): number {
  for (;;) {
    const count = Number(libcWrite(fd, bytes, bytes.length));
    if (count >= 0) return count;
    const error = errno();
    if (error === EAGAIN) return 0;
    if (error === EPIPE) return -1;
    if (error !== EINTR) throw new SystemError('write', error);
  }
}

/** Bytes of an append-only file; its offset, which means nothing there, is moved. */
export function sizeOf(fd: number): number {
  return check('lseek', lseek(fd, 0, SEEK_END));
}

/** Back to the first byte. */
export function rewind(fd: number): void {
  check('lseek', lseek(fd, 0, 0));
}

/** A pipe, both ends closed on exec. Only our end is non-blocking: the two ends are two descriptions (pipe(7)). */
export function pipe(ours: 'read' | 'write' = 'read'): { read: number; write: number } {
  const fds = Buffer.alloc(8);
  check('pipe2', pipe2(fds, O_CLOEXEC));
  const int = (offset: number) => (endianness() === 'LE' ? fds.readInt32LE(offset) : fds.readInt32BE(offset));
  const ends = { read: int(0), write: int(4) };
  fcntl(ends[ours], F_SETFL, O_NONBLOCK);
  return ends;
}

/** read(2) without exceptions for what is ordinary: bytes read, 0 at the end, -1 when nothing is there yet. */
export function readAvailable(fd: number, buffer: Buffer): number {
  for (;;) {
    const count = Number(readInto(fd, buffer, buffer.length));
    if (count >= 0) return count;
    const error = errno();
    if (error === EAGAIN) return -1;
    if (error !== EINTR) throw new SystemError('read', error);
  }
}

/** poll.h */
const POLLIN = 1;
const POLLOUT = 4;
const pollDescriptors = declare<[Buffer, number, number]>(
  'int poll(_Inout_ void *descriptors, unsigned long count, int timeout)',
);

/**
 * poll(2): those of the descriptors that are ready to be read, or to be written, or that the other end has left.
 * `ms` -1 waits for as long as it takes, and keeps the JavaScript thread: for programs, never for a daemon.
 */
export function poll(fds: readonly number[], ms: number, forWriting = false): number[] {
  // struct pollfd: int fd; short events; short revents.
  const table = Buffer.alloc(8 * fds.length);
  const view = new DataView(table.buffer, table.byteOffset);
  const little = endianness() === 'LE';
  fds.forEach((fd, at) => {
    view.setInt32(at * 8, fd, little);
    view.setInt16(at * 8 + 4, forWriting ? POLLOUT : POLLIN, little);
  });
  if (pollDescriptors(table, fds.length, ms) < 0) {
    const error = errno();
    if (error !== EINTR) throw new SystemError('poll', error);
    return [];
  }
  return fds.filter((_, at) => view.getInt16(at * 8 + 6, little) !== 0);
}

/**
 * glibc's plain names take a 32-bit `off_t` on 32-bit machines, its `…64` names never do; musl has 64 bits always
 * and, from 1.2.4 on, only the plain names.
 */
function withOffsets<Arguments extends unknown[]>(
  prototype: (name: string) => [prototype: string, name: string],
): (...values: Arguments) => number {
  const plainName = prototype('')[1];
  const wide = declare<Arguments, number | bigint>(prototype(`${plainName}64`)[0]);
  const plain = declare<Arguments, number | bigint>(prototype(plainName)[0]);
  let chosen: ((...values: Arguments) => number | bigint) | undefined;
  return (...values) => {
    if (chosen !== undefined) return Number(chosen(...values));
    try {
      const result = wide(...values);
      chosen = wide;
      return Number(result);
    } catch {
      chosen = plain;
      return Number(plain(...values));
    }
  };
}
