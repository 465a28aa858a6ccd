import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { Trust } from '../trust.ts';
import { errorAt, type Problem } from './problem.ts';

/** Bytes: more is nothing that somebody has written by hand. */
export const largestFile = 1_048_576;

const whole = { line: 0, column: 0 };

/**
 * Reads a file of text that people write: a policy, a condition. Whatever lies there, it answers: a file that cannot be
 * read, that others could have written, or that is no text has one problem that says so.
 *
 * @param trust the owner rule
 * @param most bytes
 */
export function readText(
  path: string,
  trust: (path: string) => Trust,
  most = largestFile,
): { text: string } | { problem: Problem } {
  try {
    // Before it is opened: opening a device may do something.
    const strange = kindOf(statSync(path));
    if (strange !== undefined) return { problem: errorAt(whole, strange) };
    const trusted = trust(path);
    if ('reason' in trusted) return { problem: errorAt(whole, trusted.reason) };
    const bytes = readFile(path, most);
    const problem = faultIn(bytes);
    return problem === undefined ? { text: bytes.toString('utf8') } : { problem };
  } catch (error) {
    const sentence = sentences[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
    return { problem: errorAt(whole, sentence) };
  }
}

const sentences: Record<string, string> = {
  EACCES: 'it cannot be read: permission denied',
  EISDIR: 'a directory, where a file was expected',
  ELOOP: 'its links lead in a circle',
  ENOENT: 'it does not exist, or its link leads nowhere',
};

/** Never waits: who opens a named pipe without a writer would. */
function readFile(path: string, most: number): Buffer {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const status = fstatSync(fd);
    const strange = kindOf(status);
    if (strange !== undefined) throw new Error(strange);
    // One byte more than there should be: a file that grows meanwhile has another mark, and is read again.
    const bytes = Buffer.alloc(Math.min(status.size, most) + 1);
    let length = 0;
    for (let more = 1; more > 0 && length < bytes.length; length += more)
      more = readSync(fd, bytes, length, bytes.length - length, null);
    if (length > most) throw new Error(`larger than ${most} bytes`);
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

function kindOf(status: Stats): string | undefined {
  if (status.isFile()) return undefined;
  return status.isDirectory() ? sentences.EISDIR : 'not a regular file';
}

/** Where bytes are none of a text. */
function faultIn(bytes: Buffer): Problem | undefined {
  const zero = bytes.indexOf(0);
  if (zero >= 0) return errorAt(positionOf(bytes, zero), 'a zero byte: this is no text');
  if (isText(bytes)) return undefined;
  // The longest beginning that is text, or would be if it went on.
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isText(bytes.subarray(0, middle), true)) low = middle;
    else high = middle - 1;
  }
  while (low > 0 && !isText(bytes.subarray(0, low))) low--;
  return errorAt(positionOf(bytes, low), 'not UTF-8: this byte belongs to no character');
}

function isText(bytes: Buffer, cut = false): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
    return true;
  } catch {
    return false;
  }
}

function positionOf(bytes: Buffer, offset: number): { line: number; column: number } {
  const before = bytes.subarray(0, offset).toString('utf8');
  const lines = before.split('\n');
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
