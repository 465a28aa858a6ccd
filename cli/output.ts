import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { hasColours, type Painter, painter } from '../core/base/terminal.ts';

/** Milliseconds before a reader that is full is tried again. */
const pause = 5;

/**
 * Writes to standard output, and waits where the reader is slow, so that nothing piles up here. Written to the
 * descriptor itself: making Node's stream for it takes longer than the rest of a short command. Whoever reads may have
 * had enough (`| head -1`): that is an end in order, not an error.
 */
export async function write(text: string): Promise<void> {
  await writeTo(1, text);
}

async function writeTo(fd: number, text: string): Promise<void> {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(0);
      if (code !== 'EAGAIN') {
        writeErrors([`netconf: standard output: ${message}`]);
        process.exit(5);
      }
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }
}

export async function writeLine(text: string): Promise<void> {
  await write(`${text}\n`);
}

/** Lines on standard error; what cannot be said there is not said. */
export function writeErrors(lines: readonly string[]): void {
  try {
    writeSync(2, `${lines.join('\n')}\n`);
  } catch {
    // Nobody reads it.
  }
}

/** A value as JSON on one line; a list with one entry a line, so that line tools can read it too. */
export async function writeJson(value: unknown): Promise<void> {
  if (!Array.isArray(value)) return writeLine(JSON.stringify(value));
  if (value.length === 0) return writeLine('[]');
  for (const [at, entry] of value.entries()) {
    await write(`${at === 0 ? '[\n' : ',\n'}${JSON.stringify(entry)}`);
  }
  await write('\n]\n');
}

/** Whether standard output is a terminal. Node's stream for it would take longer to make than to ask. */
export function onTerminal(): boolean {
  return isatty(1);
}

/** Whether standard output is a terminal that wants colours. */
export function coloured(): boolean {
  return hasColours({ isTTY: onTerminal() });
}

/** Paints for standard output. */
export function paintOutput(): Painter {
  return painter(coloured());
}
