import { statSync } from 'node:fs';

export interface Look {
  /** Another one when the file or directory is another one, or has changed. */
  mark: string;
  /** A change from now on changes the mark, too: the clock of file systems ticks only every few milliseconds. */
  settled: boolean;
}

/** Milliseconds that are longer than a tick of that clock. */
const tick = 50;

export function lookAt(path: string): Look {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    const changed = Number(ctimeNs / 1_000_000n);
    return { mark: `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`, settled: Date.now() - changed > tick };
  } catch (error) {
    return { mark: (error as NodeJS.ErrnoException).code ?? 'unknown', settled: true };
  }
}
