import { constants } from 'node:os';
import { declare, errno, SystemError } from './library.ts';

const flock = declare<[number, number]>('int flock(int descriptor, int operation)');

/** sys/file.h */
const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Takes the exclusive lock of an open file, without waiting: false when somebody else has it. The kernel gives it
 * back when the last descriptor of this opening is closed, however the process ends. See flock(2).
 */
export function tryLock(descriptor: number): boolean {
  if (flock(descriptor, LOCK_EX | LOCK_NB) === 0) return true;
  const failure = errno();
  if (failure === constants.errno.EWOULDBLOCK) return false;
  throw new SystemError('flock', failure);
}
