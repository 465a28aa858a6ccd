import { closeSync, constants, fstatSync, openSync, statSync, unlinkSync } from 'node:fs';
import { tryLock } from '../base/libc/flock.ts';
import type { Undo } from '../base/undo.ts';

/**
 * One daemon per socket, without a race: whoever has the lock of `PATH.lock` may replace `PATH`. The kernel takes the
 * lock from a process that ends in whatever way, so a stale one cannot be. Unlike binding under another name and
 * renaming, this also keeps two daemons apart that start in the same instant over the same stale socket.
 *
 * Undefined when another process has it. The undo removes the file and gives the lock back.
 */
export function lockFile(path: string): Undo | undefined {
  for (;;) {
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
    const descriptor = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    let mine = false;
    try {
      if (!tryLock(descriptor)) return undefined;
      mine = isStill(path, descriptor);
      if (mine) return once(() => release(path, descriptor));
    } finally {
      if (!mine) closeSync(descriptor);
    }
  }
}

/** The one before us may have removed the file between our open and our lock: then we hold a lock of nothing. */
function isStill(path: string, descriptor: number): boolean {
  const here = statSync(path, { throwIfNoEntry: false });
  const held = fstatSync(descriptor);
  return here?.ino === held.ino && here.dev === held.dev;
}

function release(path: string, descriptor: number): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody cleaned up before us.
  }
  closeSync(descriptor);
}

function once(action: Undo): Undo {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
