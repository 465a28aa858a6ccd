import { once } from 'node:events';
import { hasColours, type Painter, painter } from '../core/base/terminal.ts';

/** Whoever reads our output may have had enough (`| head -1`): that is an end in order, not an error. */
export function endOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 5));
  }
}

/** Writes to standard output, and waits where the reader is slow, so that nothing piles up here. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export async function writeLine(text: string): Promise<void> {
  await write(`${text}\n`);
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

/** Paints for standard output, where it is a terminal that wants colours. */
export function paintOutput(): Painter {
  return painter(hasColours(process.stdout));
}
