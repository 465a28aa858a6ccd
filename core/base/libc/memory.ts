import { closeSync, constants, ftruncateSync, openSync } from 'node:fs';
import koffi from 'koffi';
import { declare, errno, SystemError } from './library.ts';

/** linux/mman.h; the same on every architecture that netconf runs on. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

const mmap = declare<[null, number, number, number, number, number], object>(
  'void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)',
);

/**
 * Makes a file of `bytes` with mode 0600, where none may be yet, and maps it into memory: what is written there
 * outlives the process (mmap(2), MAP_SHARED). The mapping lasts for the life of the process.
 */
export function mapFile(path: string, bytes: number): Uint8Array {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    ftruncateSync(fd, bytes);
    const mapping = mmap(null, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (BigInt.asIntN(64, koffi.address(mapping)) === -1n) throw new SystemError('mmap', errno());
    return new Uint8Array(koffi.view(mapping, bytes));
  } finally {
    closeSync(fd);
  }
}
