import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { Trust } from '../../core/base/trust.ts';
import { problemsOf } from './consistency.ts';
import { parsePolicy } from './parse.ts';
import type { Policy } from './policy.ts';
import { errorAt, type Problem } from './problem.ts';

/** A policy with everything that is wrong with it; with an error in `problems` it is none to go by. */
export interface Read {
  policy: Policy;
  problems: Problem[];
}

/** Bytes: more is no policy that somebody has written. */
export const largestFile = 1_048_576;

const whole = { line: 0, column: 0 };

/**
 * Reads one file. Whatever lies there, it answers: a file that cannot be read, or that others could have written, has
 * one problem that says so.
 *
 * @param name of the file: an interface, a glob, or `default`
 * @param trust the owner rule
 */
export function readPolicy(path: string, name: string, trust: (path: string) => Trust): Read {
  let text: string;
  try {
    // Before it is opened: opening a device may do something.
    const strange = kindOf(statSync(path));
    if (strange !== undefined) return failed(strange);
    const trusted = trust(path);
    if ('reason' in trusted) return failed(trusted.reason);
    const bytes = readFile(path);
    const fault = faultIn(bytes);
    if (fault !== undefined) return { policy: empty, problems: [fault] };
    text = bytes.toString('utf8');
  } catch (error) {
    return failed(sentences[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message);
  }
  const { policy, problems } = parsePolicy(text);
  return { policy, problems: [...problems, ...problemsOf(policy, name)] };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

const empty: Policy = { requests: new Map(), steps: new Map(), events: new Map() };

const sentences: Record<string, string> = {
  EACCES: 'it cannot be read: permission denied',
  EISDIR: 'a directory, where a file was expected',
  ELOOP: 'its links lead in a circle',
  ENOENT: 'it does not exist, or its link leads nowhere',
};

function failed(message: string): Read {
  return { policy: empty, problems: [errorAt(whole, message)] };
}

/** Never waits: who opens a named pipe without a writer would. */
function readFile(path: string): Buffer {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const status = fstatSync(fd);
    const strange = kindOf(status);
    if (strange !== undefined) throw new Error(strange);
    // One byte more than there should be: a file that grows meanwhile has another mark, and is read again.
    const bytes = Buffer.alloc(Math.min(status.size, largestFile) + 1);
    let length = 0;
    for (let more = 1; more > 0 && length < bytes.length; length += more)
      more = readSync(fd, bytes, length, bytes.length - length, null);
    if (length > largestFile) throw new Error(`larger than ${largestFile} bytes: that is no policy`);
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
