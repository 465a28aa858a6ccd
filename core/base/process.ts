import { constants } from 'node:os';
import { type Exit, type SpawnRequest, spawnProcess, waitProcess } from './libc/process.ts';

export interface Exited {
  status: number | null;
  /** `SIGTERM`…; a number without a name as `signal 40`. */
  signal: string | null;
}

/**
 * A child process started with posix_spawn(3), 1 ms cheaper than `child_process` (nothing of libuv is involved).
 * Throws SystemError when it cannot start. `exited` is called once, in a later turn of the event loop.
 *
 * Reaping: one SIGCHLD listener for the whole process looks at each own child (never at libuv's), so several children
 * that end at once, or a lost signal before the next one, make no difference. No timer; a process with nothing else to
 * do does not stay alive for a child's sake.
 */
export class Child {
  readonly pid: number;
  readonly #exited: (exit: Exited) => void;
  #keep = false;
  #ended = false;

  constructor(request: SpawnRequest, exited: (exit: Exited) => void) {
    listen();
    this.#exited = exited;
    this.pid = spawnProcess(request);
    children.add(this);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends a signal to its whole process group. The group's number is ours for as long as the child is not reaped. */
  killGroup(signal: NodeJS.Signals): void {
    if (!children.has(this)) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // ESRCH: the last of the group has just ended. EPERM: it has changed its user; nothing can be done.
    }
  }

  /** From now on, leave it unreaped when it ends: what is left of its group can still be signalled. */
  keep(): void {
    this.#keep = true;
  }

  /** Takes back {@link keep}: reaps it now if it has ended, else when it does. */
  release(): void {
    this.#keep = false;
    this.poll();
  }

  /** Looks whether it has ended. Called for all children on SIGCHLD. */
  poll(): void {
    if (!children.has(this) || (this.#keep && this.#ended)) return;
    const exit = waitProcess(this.pid, { keep: this.#keep });
    if (exit === undefined) return;
    if (!this.#keep) children.delete(this);
    if (this.#ended) return;
    this.#ended = true;
    this.#exited(named(exit));
  }
}

const children = new Set<Child>();
let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  process.on('SIGCHLD', reap);
}

/** Looks at every child. */
export function reap(): void {
  for (const child of children) child.poll();
}

const signals = new Map(Object.entries(constants.signals).map(([name, number]) => [number as number, name]));

function named(exit: Exit): Exited {
  const signal = exit.signal === null ? null : (signals.get(exit.signal) ?? `signal ${exit.signal}`);
  return { status: exit.status, signal };
}
