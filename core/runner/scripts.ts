import type { Run } from '../control/api.ts';
import { Kits } from './kit.ts';
import { type Job, Script } from './script.ts';

const lookEveryMs = 100;
const lookSoonMs = 10;

/**
 * The scripts that run now. One timer looks after all of them, and exists only while there are any: it empties what
 * they print and emit, and keeps their deadlines (to a tenth of a second).
 */
export class Scripts {
  readonly #running = new Set<Script>();
  readonly #kits = new Kits();
  #timer: NodeJS.Timeout | undefined;
  /** In this turn of the loop one has been started already. */
  #started = false;

  get size(): number {
    return this.#running.size;
  }

  /** Runs one script to its end. Never rejects. */
  run(job: Job, started?: (script: Script) => void): Promise<Run> {
    return new Promise(resolve => {
      const script = this.prepare(job, resolve);
      this.start(script);
      started?.(script);
    });
  }

  /** Makes all ready for a script, so that {@link start} takes no longer than it must; else `discard` it. */
  prepare(job: Job, ended: (run: Run) => void): Script {
    const script: Script = new Script(job, this.#kits, run => {
      if (script.done) this.#forget(script);
      ended(run);
    });
    return script;
  }

  /** @param first of several that come one after the other: somebody waits for it */
  start(script: Script, first = false): void {
    // Not for the others of a burst: they would keep the loop for a time slice each.
    script.start(first && !this.#started);
    script.feed();
    this.#running.add(script);
    if (this.#timer === undefined) this.#timer = setTimeout(this.#look, lookEveryMs);
    else this.#timer.ref();
    if (!this.#started) setImmediate(this.#nextTurn);
    this.#started = true;
  }

  /** TERM to all, KILL five seconds later; the second call kills. */
  terminate(): void {
    for (const script of this.#running) script.terminate();
  }

  /** No more scripts: gives back what was prepared for them. */
  close(): void {
    this.#kits.close();
  }

  readonly #nextTurn = () => {
    this.#started = false;
    this.#kits.prepare();
  };

  readonly #look = () => {
    this.#timer = undefined;
    const now = performance.now();
    let soon = false;
    for (const script of this.#running) {
      soon = script.look(now) || soon;
      if (script.done) this.#forget(script);
    }
    if (this.#running.size > 0) this.#timer ??= setTimeout(this.#look, soon ? lookSoonMs : lookEveryMs);
  };

  /** Without scripts the timer ends with its next look, and keeps nobody waiting for that. */
  #forget(script: Script): void {
    this.#running.delete(script);
    if (this.#running.size === 0) this.#timer?.unref();
  }
}
