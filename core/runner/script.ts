import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import { SystemError } from '../base/libc/library.ts';
import { Child, type Exited } from '../base/process.ts';
import type { Run } from '../control/api.ts';
import { type Kit, type Kits, workingDirectory } from './kit.ts';
import { Output } from './output.ts';
import { type Emission, WayBack } from './way-back.ts';

/** From TERM to KILL, and from KILL to giving up on a process that the kernel does not let go (state D). */
const killAfterMs = 5000;
const giveUpAfterMs = 2000;

export interface Job {
  /** Absolute path. */
  script: string;
  /** What follows its name on the command line. */
  argv: readonly string[];
  /** `NAME=VALUE` each. */
  environment: readonly string[];
  /** Standard input. */
  input: string;
  /** Milliseconds. */
  deadline: number;
  /** Called with each event that it writes to descriptor 3; throws to refuse. Without it there is no descriptor 3. */
  emit?: (emission: Emission) => void;
}

/**
 * One run of one script or program, in its own process group, with `/` as its working directory. {@link look} must be
 * called every now and then while it runs; `ended` is called once. The constructor throws nothing: what cannot start
 * has ended, too.
 */
export class Script {
  readonly run: Run;
  readonly #ended: (run: Run) => void;
  readonly #output: Output | undefined;
  readonly #wayBack: WayBack | undefined;
  readonly #child: Child | undefined;
  readonly #began = performance.now();
  #deadline: number;
  #killAt = Number.POSITIVE_INFINITY;
  #giveUpAt = Number.POSITIVE_INFINITY;
  #over = false;

  constructor(job: Job, kits: Kits, ended: (run: Run) => void) {
    this.#ended = ended;
    this.#deadline = this.#began + job.deadline;
    this.run = { script: job.script, started: Date.now(), ms: 0, status: null, signal: null, output: '' };
    let kit: Kit | undefined;
    try {
      kit = kits.take();
      if (job.input !== '') writeSync(kit.input, job.input, 0);
      this.#child = new Child(
        {
          path: job.script,
          argv: [job.script, ...job.argv],
          environment: job.environment,
          stdio: job.emit === undefined ? kit.stdio.slice(0, 3) : kit.stdio,
          isolation: 'group',
          cwd: workingDirectory,
        },
        exit => this.#settle(exit),
      );
    } catch (error) {
      this.run.error = `could not start: ${reasonOf(job.script, error)}`;
      queueMicrotask(() => this.#settle({ status: null, signal: null }));
    } finally {
      if (kit !== undefined) {
        this.#output = new Output(kit.output);
        if (job.emit === undefined) closeSync(kit.read);
        else this.#wayBack = new WayBack(kit.read, job.emit);
        closeSync(kit.input);
        closeSync(kit.write);
      }
    }
  }

  /** Of its process, and of its process group; undefined when it could not start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Nothing is left to look after: it has ended, and so has the time that its process group was given to end. */
  get done(): boolean {
    return this.#over && this.#killAt === Number.POSITIVE_INFINITY;
  }

  /** Empties what it prints and emits, keeps its deadline. True when it should be looked at again soon. */
  look(now: number): boolean {
    this.#child?.poll();
    if (now >= this.#killAt) this.#kill(now);
    if (this.#over) return false;
    this.#wayBack?.drain();
    const soon = this.#output?.trim() === true;
    if (now >= this.#deadline) {
      this.run.timedOut = true;
      this.terminate(now);
    }
    if (now >= this.#giveUpAt) this.#giveUp();
    return soon;
  }

  /** TERM to the group now, KILL after five seconds; a second call kills at once. */
  terminate(now = performance.now()): void {
    if (this.#killAt !== Number.POSITIVE_INFINITY) {
      this.#kill(now);
      return;
    }
    if (this.#over) return;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#killAt = now + killAfterMs;
    this.#child?.keep();
    this.#child?.killGroup('SIGTERM');
  }

  #kill(now: number): void {
    this.#killAt = Number.POSITIVE_INFINITY;
    this.#giveUpAt = now + giveUpAfterMs;
    this.#child?.killGroup('SIGKILL');
    this.#child?.release();
  }

  #giveUp(): void {
    this.run.error = `process ${this.#child?.pid} does not end even by KILL: it is stuck in the kernel`;
    this.#settle({ status: null, signal: 'SIGKILL' });
  }

  #settle(exit: Exited): void {
    if (this.#over) return;
    this.#over = true;
    const { run } = this;
    run.ms = Math.max(0.001, Math.round((performance.now() - this.#began) * 1000) / 1000);
    run.status = exit.status;
    run.signal = exit.signal;
    const problems = run.error === undefined ? [] : [run.error];
    try {
      this.#wayBack?.close();
      if (this.#wayBack?.error !== undefined) problems.push(this.#wayBack.error);
      run.output = this.#output?.close() ?? '';
    } catch (error) {
      problems.push(messageOf(error));
    }
    if (problems.length > 0) run.error = problems.join('; ');
    this.#ended(run);
  }
}

/** What exec's errors mean for somebody who wrote a script. */
function reasonOf(script: string, error: unknown): string {
  if (!(error instanceof SystemError)) return messageOf(error);
  switch (error.errnoName) {
    case 'ENOENT': {
      const interpreter = interpreterOf(script);
      return interpreter === undefined
        ? `${script} is gone (ENOENT)`
        : `the interpreter ${interpreter} of its first line does not exist (ENOENT)`;
    }
    case 'ENOEXEC':
      return 'exec format error: its first line does not name an interpreter, such as #!/bin/sh (ENOEXEC)';
    case 'EACCES':
      return 'it, or the interpreter of its first line, may not be executed: permissions, or a noexec mount (EACCES)';
    case 'E2BIG':
      return 'its environment is too large (E2BIG)';
    case 'ETXTBSY':
      return 'somebody is writing to it (ETXTBSY)';
    default:
      return error.message;
  }
}

function interpreterOf(script: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(script, 'r');
    const head = Buffer.alloc(256);
    const count = readSync(fd, head, 0, head.length, 0);
    return /^#![ \t]*([^ \t\n]+)/.exec(head.toString('utf8', 0, count))?.[1] ?? '(unknown)';
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
