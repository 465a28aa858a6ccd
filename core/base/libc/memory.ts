import { closeSync, constants, ftruncateSync, openSync } from 'node:fs';
import koffi from './koffi.ts';
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

const mallocTrim = declare<[number]>('int malloc_trim(size_t pad)');
const madvise = declare<[bigint, number, number]>('int madvise(intptr_t address, size_t length, int advice)');

/** linux/mman.h. */
const MADV_DONTNEED = 4;

/** Gives free heap back to the kernel (malloc_trim(3)); musl has no such thing. */
export function trimHeap(): void {
  try {
    mallocTrim(0);
  } catch {
    // Not glibc.
  }
}

/**
 * Lets go of the pages of read-only file mappings (the programs' code and constants): they come back from the page
 * cache when they are touched. A mapping with pages of this process's own, such as relocated data, is left alone: there
 * the file has not what the page had.
 */
export function releaseFilePages(smaps: string): void {
  const head = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ [1-9]\d* +\//;
  for (const mapping of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, start, end] = head.exec(mapping) ?? [];
    if (start === undefined || end === undefined || !/^Anonymous: +0 kB$/m.test(mapping)) continue;
    const from = BigInt(`0x${start}`);
    madvise(from, Number(BigInt(`0x${end}`) - from), MADV_DONTNEED);
  }
}
