import { readFileSync } from 'node:fs';
import { releaseFilePages, trimHeap } from './libc/memory.ts';

/** Events that are worth another trim, and milliseconds of quiet before it. */
const busy = 10_000;
const quiet = 2_000;
/**
 * Milliseconds until the same again: V8 keeps the pages of young objects, some 30 MB after a storm, unless little was
 * allocated in the 5 s before a collection (`Heap::ReduceNewSpaceSize`, `GCTracer::kThroughputTimeFrameMs`), and learns
 * what was allocated by collecting.
 */
const young = 6_000;

/**
 * Gives memory back when there is nothing to do: twice after the start, and again after every storm. In between no
 * timer is armed, so an idle daemon is never woken.
 */
export class Trimmer {
  #count = busy;
  #timer: NodeJS.Timeout | undefined;

  /** Something happened that leaves as much behind as `events` events do. */
  touch(events = 1): void {
    this.#count += events;
    if (this.#count < busy) return;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#look(this.#count), quiet).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Waits on while the storm goes on. */
  #look(before: number): void {
    this.#timer = undefined;
    if (this.#count > before + 100) {
      this.touch();
      return;
    }
    this.#count = 0;
    trim();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      trim();
      this.touch(0);
    }, young).unref();
  }
}

function trim(): void {
  // Loaded when there is time: the start has none for them.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  trimHeap();
  try {
    releaseFilePages(readFileSync('/proc/self/smaps', 'utf8'));
  } catch {
    // Without /proc the pages stay.
  }
}
