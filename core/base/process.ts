import { constants } from 'node:os';
import { Epoll } from './libc/epoll.ts';
import { closeFile } from './libc/files.ts';
import {
  type Exit,
  processDescriptor,
  type SpawnRequest,
  spawnProcess,
  waitProcess,
} from './libc/process.ts';
import { Readable } from './libc/readable.ts';

export interface Exited {
  status: number | null;
  /** `SIGTERM`…; a number without a name as `signal 40`. */
  signal: string | null;
}

/**
 * A child process started with posix_spawn(3), 1 ms cheaper than `child_process` (nothing of libuv is involved).
 * Throws SystemError when it cannot start. `exited` is called once, in a later turn of the event loop.
 *
 * Each child is waited for by a descriptor of its own (pidfd_open(2)): it wakes us sooner than SIGCHLD, which all of
 * libuv's children and threads share. No timer; a process with nothing else to do does not stay alive for a child's sake.
 */
export class Child {
  readonly pid: number;
  readonly #exited: (exit: Exited) => void;
  #keep = false;
  #ended = false;

  constructor(request: SpawnRequest, exited: (exit: Exited) => void) {
    this.#exited = exited;
    this.pid = spawnProcess(request);
    children.add(this);
    endings.watch(this.pid, () => this.poll());
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

  /** Looks whether it has ended. */
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

/** Who is to be told that which process has ended, once each. */
class Endings {
  readonly #told = new Map<number, { fd: number; ended: () => void }>();
  #set: Epoll | undefined;
  #next = 0;

  /** Where no descriptor is to be had (EMFILE, before Linux 5.3), SIGCHLD tells: then all children look. */
  watch(pid: number, ended: () => void): void {
    let fd: number | undefined;
    try {
      fd = processDescriptor(pid);
      this.#set ??= this.#begin();
      // Never one of those that the set may still tell of in vain.
      const token = this.#next++ >>> 0;
      this.#set.add(fd, token);
      this.#told.set(token, { fd, ended });
    } catch {
      if (fd !== undefined) closeFile(fd);
      if (process.listeners('SIGCHLD').includes(lookAtAll)) return;
      process.on('SIGCHLD', lookAtAll);
      setImmediate(lookAtAll);
    }
  }

  #begin(): Epoll {
    const set = new Epoll();
    try {
      new Readable(set.fd, () => this.#tell(set));
    } catch (error) {
      closeFile(set.fd);
      throw error;
    }
    return set;
  }

  #tell(set: Epoll): void {
    for (const token of set.ready()) {
      const told = this.#told.get(token);
      if (told === undefined) continue;
      this.#told.delete(token);
      // It stays readable: a child that is kept unreaped would be told of without end.
      closeFile(told.fd);
      told.ended();
    }
  }
}

const endings = new Endings();

function lookAtAll(): void {
  for (const child of children) child.poll();
}

const signals = new Map(Object.entries(constants.signals).map(([name, number]) => [number as number, name]));

function named(exit: Exit): Exited {
  const signal = exit.signal === null ? null : (signals.get(exit.signal) ?? `signal ${exit.signal}`);
  return { status: exit.status, signal };
}
