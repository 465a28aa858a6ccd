import { Runs } from '../base/runs.ts';
import { Unchanged } from '../base/unchanged.ts';
import type { HookDirectories, Selection, Wanted } from './directories.ts';

interface Answer {
  wants: boolean;
  selection: Selection;
}

/** Milliseconds before what could not be relied on, or has changed, is remembered anew. */
const calm = 100;
/** Names of events that are remembered. */
const most = 1000;

/**
 * What hook directories answered for an event, for as long as nothing on the way to it has changed: one look at a queue
 * of the kernel instead of one at each component of each path. Where that cannot be relied on (not root, a remote file
 * system, a directory that others may write to), the directories themselves are asked each time.
 */
export class RememberedDirectories {
  readonly #directories: HookDirectories;
  readonly #answers = new Map<string, Answer>();
  readonly #learning = new Set<string>();
  readonly #runs = new Runs();
  #unchanged = watching();
  #run = 0;
  #notBefore: number;

  /** @param delay milliseconds before anything is remembered: a start has no time for it */
  constructor(directories: HookDirectories, delay = 1000) {
    this.#directories = directories;
    this.#notBefore = performance.now() + delay;
  }

  get levels(): readonly string[] {
    return this.#directories.levels;
  }

  wants(wanted: Wanted): boolean {
    return this.#answer(wanted)?.wants ?? this.#directories.wants(wanted);
  }

  select(wanted: Wanted): Selection {
    return this.#answer(wanted)?.selection ?? this.#directories.select(wanted);
  }

  problems(): string[] {
    return this.#directories.problems();
  }

  /** Gives the descriptors back. It can still be asked. */
  close(): void {
    this.#answers.clear();
    this.#unchanged?.close();
    this.#unchanged = undefined;
  }

  #answer(wanted: Wanted): Answer | undefined {
    const run = this.#runs.current;
    if (run !== this.#run) {
      this.#run = run;
      if (this.#unchanged?.changed) this.#forget();
    }
    const key = `${wanted.top} ${wanted.name}`;
    const answer = this.#answers.get(key);
    if (answer === undefined) this.#learnLater(wanted, key);
    return answer;
  }

  /** When the scripts of the present event have been started. */
  #learnLater(wanted: Wanted, key: string): void {
    if (this.#unchanged === undefined || this.#learning.size >= most || this.#learning.has(key)) return;
    if (performance.now() < this.#notBefore) return;
    this.#learning.add(key);
    setImmediate(() => {
      this.#learning.delete(key);
      this.#learn(wanted, key);
    });
  }

  #learn(wanted: Wanted, key: string): void {
    if (this.#unchanged === undefined || performance.now() < this.#notBefore) return;
    if (!this.#watchAll(wanted, this.#unchanged)) {
      this.#forget();
      return;
    }
    if (this.#answers.size >= most) this.#answers.clear();
    const answer = { wants: this.#directories.wants(wanted), selection: this.#directories.select(wanted) };
    this.#answers.set(key, answer);
  }

  /** Looks again at what is watched now, until that shows nothing that is not watched. */
  #watchAll(wanted: Wanted, unchanged: Unchanged): boolean {
    for (let round = 0; round < 3; round++) {
      const places = this.#directories.places(wanted);
      if (places.every(place => unchanged.has(place))) return true;
      if (!places.every(place => unchanged.add(place))) return false;
    }
    return false;
  }

  #forget(): void {
    this.#answers.clear();
    this.#unchanged?.close();
    this.#unchanged = watching();
    this.#notBefore = performance.now() + calm;
  }
}

/** Undefined where not all that matters is root's, or the kernel gives no descriptors. */
function watching(): Unchanged | undefined {
  try {
    return process.getuid?.() === 0 ? new Unchanged() : undefined;
  } catch {
    return undefined;
  }
}
