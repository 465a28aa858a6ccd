import { writeSync } from 'node:fs';
import { type DebugLogger, debuglog } from 'node:util';
import { isWritable } from './libc/poll.ts';

/** syslog(3) priorities that netconf uses. */
const priorities = { error: 3, warning: 4, notice: 5, info: 6 } as const;

/** One line per call to standard error; under systemd with the `<N>` prefix of sd-daemon(3). */
export interface Log {
  error(message: string): void;
  warning(message: string): void;
  notice(message: string): void;
  info(message: string): void;
}

/** Bytes that one write of a pipe takes whole (PIPE_BUF, pipe(7)). */
const oneWrite = 4096;

const prefixed = process.env.JOURNAL_STREAM !== undefined;

function write(priority: keyof typeof priorities, message: string): void {
  const head = prefixed
    ? `<${priorities[priority]}>`
    : priority === 'info' || priority === 'notice'
      ? ''
      : `${priority}: `;
  say(Buffer.from(`${head}${message.replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, ' ')}\n`));
}

/**
 * Written to the descriptor itself: making Node's stream for it would take a twentieth of the daemon's start. What a
 * reader has no room for is dropped; nobody waits for it.
 */
function say(line: Buffer): void {
  try {
    for (let at = 0; at < line.length && isWritable(2); )
      at += writeSync(2, line, at, Math.min(line.length - at, oneWrite));
  } catch {
    // Standard error is full or gone: there is nowhere left to say so.
  }
}

/** A log whose lines begin with `subject: `, or the plain one. */
export function log(subject?: string): Log {
  const line = (priority: keyof typeof priorities) => (message: string) =>
    write(priority, subject === undefined ? message : `${subject}: ${message}`);
  return { error: line('error'), warning: line('warning'), notice: line('notice'), info: line('info') };
}

/** `NODE_DEBUG=netconf:SECTION` prints these; free when off. */
export function debug(section: string): DebugLogger {
  return debuglog(`netconf:${section}`);
}
