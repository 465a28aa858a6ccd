import type { Undo } from '../undo.ts';

const waiting = new Set<() => void>();

function wake(): void {
  for (const callback of waiting) callback();
}

/**
 * Calls back on SIGIO, which says that some descriptor with `O_ASYNC` got input, not which: each callback looks for
 * itself. All share one listener for the signal, there while somebody waits; it does not keep the process alive.
 */
export function onInputSignal(callback: () => void): Undo {
  if (waiting.size === 0) process.on('SIGIO', wake);
  waiting.add(callback);
  return () => {
    if (waiting.delete(callback) && waiting.size === 0) process.off('SIGIO', wake);
  };
}
