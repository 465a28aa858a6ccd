import { constants } from 'node:os';
import type { LibraryHandle } from 'koffi';
import { NetconfError } from '../errors.ts';
import koffi from './koffi.ts';

/**
 * The one door to libc. `core/base/libc/` is the only folder that imports koffi; each file in it declares the
 * functions of one concern. A function is looked up in the running program's own libc (glibc or musl) when it is
 * first called, so that declaring one costs nothing at start.
 */
let library: LibraryHandle | undefined;

/** Declares a libc function by its C prototype. The types given are the JavaScript side, as koffi converts them. */
export function declare<Arguments extends unknown[], Result = number>(
  prototype: string,
): (...values: Arguments) => Result {
  let found: ((...values: Arguments) => Result) | undefined;
  return (...values) => {
    library ??= koffi.load(null);
    found ??= library.func(prototype) as unknown as (...values: Arguments) => Result;
    return found(...values);
  };
}

/** Of aliases (EAGAIN, EWOULDBLOCK) the first, which is the one that people know. */
const names = new Map(
  Object.entries(constants.errno)
    .map(([name, number]) => [number as number, name] as const)
    .reverse(),
);

/** A failed system call: `errno` and its name survive. */
export class SystemError extends NetconfError {
  readonly errno: number;
  readonly errnoName: string;

  constructor(call: string, errno: number) {
    const name = names.get(errno) ?? `errno ${errno}`;
    super('SystemCall', `${call}: ${name}`);
    this.errno = errno;
    this.errnoName = name;
  }
}

/** The errno of the last call. Read it at once: any call in between changes it. */
export function errno(): number {
  return koffi.errno();
}

/** Passes a result on, or throws the {@link SystemError} of `call` when it is negative. */
export function check(call: string, result: number): number {
  if (result < 0) throw new SystemError(call, koffi.errno());
  return result;
}
