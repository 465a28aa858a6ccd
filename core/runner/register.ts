import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type ProcessStat, processStat } from '../base/process-stat.ts';
import { startId } from '../base/start-id.ts';
import { checkTrust } from '../base/trust.ts';
import type { Undo } from '../base/undo.ts';
import { outputName } from './kit.ts';

/** A program of an operation, in the file `running/PID`. */
interface Entry {
  interface: string;
  /** See `startId`. */
  boot: string;
  /** Of the program, and of the process that looks after it: with the process ids they name two processes. */
  start: string;
  keeper: { pid: number; start: string };
}

/** Milliseconds from TERM to KILL, from KILL to giving up, between two looks. */
const killAfterMs = 5000;
const giveUpAfterMs = 2000;
const lookMs = 20;

const nothing: Undo = () => undefined;

/**
 * Which programs of operations run now, on disk: when the process that looks after one is killed, the next one that
 * begins with the interface finds it and ends it, with its process group. An entry is believed only where /proc has the
 * same process still, by its time of start, and its keeper is gone.
 */
export class Register {
  readonly #directory: string;
  #keeper: Entry['keeper'] | undefined;

  /** @param directory is made when it is needed */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Enters a program that leads its own process group; the undo strikes it off. Never throws: it is for a bad day only. */
  enter(pid: number, on: string): Undo {
    const stat = processStat(pid);
    if (stat === undefined) return nothing;
    this.#keeper ??= { pid: process.pid, start: processStat('self')?.start ?? '' };
    const entry: Entry = { interface: on, boot: startId(), start: stat.start, keeper: this.#keeper };
    const path = `${this.#directory}/${pid}`;
    try {
      write(path, entry);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return nothing;
      try {
        mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
        write(path, entry);
      } catch {
        return nothing;
      }
    }
    return () => remove(path);
  }

  /**
   * Ends what is left of an interface, or of all: programs whose keeper was killed. Resolves when they are over, with
   * their process ids; never rejects.
   *
   * @param cutOff an operation of the interface was: its program may have been started in the very moment before, and
   * not be entered
   */
  async endOrphans(on?: string, cutOff = false): Promise<number[]> {
    const entered = this.#orphans(on);
    const strays = on !== undefined && cutOff ? straysOf(on) : [];
    const found = [...new Set([...entered, ...strays])];
    await Promise.all(found.map(endGroup));
    for (const pid of found) remove(`${this.#directory}/${pid}`);
    return found;
  }

  #orphans(on: string | undefined): number[] {
    return this.#pids().filter(pid => {
      const path = `${this.#directory}/${pid}`;
      const entry = read(path);
      if (entry !== undefined && on !== undefined && entry.interface !== on) return false;
      if (entry !== undefined && isSame(entry.keeper.pid, entry.keeper.start)) return false;
      const isHere =
        entry !== undefined && entry.boot === startId() && isSame(pid, entry.start)?.group === pid;
      if (!isHere) remove(path);
      return isHere;
    });
  }

  #pids(): number[] {
    try {
      const names = readdirSync(this.#directory).filter(name => /^[1-9]\d{0,9}$/.test(name));
      if (names.length === 0 || 'reason' in checkTrust(this.#directory)) return [];
      return names.map(Number);
    } catch {
      return [];
    }
  }
}

/**
 * Programs of an interface that nobody looks after, by what only we give ours: the file in memory that they print to; the
 * interface in their environment; this network namespace; init as their parent. Hook scripts of events are none.
 */
function straysOf(on: string): number[] {
  return readdirSync('/proc').flatMap(name => {
    const pid = /^[1-9]\d*$/.test(name) ? Number(name) : 0;
    const stat = pid === 0 ? undefined : processStat(pid);
    if (stat === undefined || stat.group !== pid || stat.parent !== 1 || stat.state === 'Z') return [];
    try {
      if (!readlinkSync(`/proc/${pid}/fd/1`).startsWith(`/memfd:${outputName} `)) return [];
      if (readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync('/proc/self/ns/net')) return [];
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const isEvents = environment.some(variable => variable.startsWith('NETCONF_EVENT='));
      return environment.includes(`IFACE=${on}`) && !isEvents ? [pid] : [];
    } catch {
      return [];
    }
  });
}

function write(path: string, entry: Entry): void {
  writeFileSync(path, JSON.stringify(entry), { mode: 0o600 });
}

function read(path: string): Entry | undefined {
  try {
    const { interface: on, boot, start, keeper } = JSON.parse(readFileSync(path, 'utf8')) as Entry;
    const good = [on, boot, start, keeper.start].every(text => typeof text === 'string');
    return good && Number.isSafeInteger(keeper.pid) ? { interface: on, boot, start, keeper } : undefined;
  } catch {
    return undefined;
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is about nothing any more, and will be found so.
  }
}

/** The process of this id, when it was started then and is no zombie. */
function isSame(pid: number, start: string): ProcessStat | undefined {
  const stat = processStat(pid);
  return stat !== undefined && stat.start === start && stat.state !== 'Z' ? stat : undefined;
}

async function endGroup(group: number): Promise<void> {
  for (const [signal, ms] of [
    ['SIGTERM', killAfterMs],
    ['SIGKILL', giveUpAfterMs],
  ] as const) {
    try {
      process.kill(-group, signal);
    } catch {
      return;
    }
    for (const end = performance.now() + ms; performance.now() < end; await pause(lookMs))
      if (!hasMembers(group)) return;
  }
}

/** Zombies of a machine without a process that reaps them do not count. */
function hasMembers(group: number): boolean {
  return readdirSync('/proc').some(name => {
    const stat = /^\d+$/.test(name) ? processStat(Number(name)) : undefined;
    return stat?.group === group && stat.state !== 'Z';
  });
}
