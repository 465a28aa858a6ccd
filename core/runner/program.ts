import { closeSync, writeSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import { appendOnly, memoryFile } from '../base/libc/files.ts';
import { Child, type Exited } from '../base/process.ts';
import type { Run } from '../control/api.ts';
import { Output } from './output.ts';

/** From TERM to KILL, and from KILL to giving up on a process that the kernel does not let go (state D). */
const killAfterMs = 5000;
const giveUpAfterMs = 2000;

export interface ProgramJob {
  /** Absolute path, of what has been found trustworthy. */
  path: string;
  /** Its name first. */
  argv: readonly string[];
  /** `NAME=VALUE` each. */
  environment: readonly string[];
  /** Standard input. */
  input: string;
  /** Milliseconds. */
  deadline: number;
}

/**
 * One run of one program for an operation: as {@link Script} of a hook script, with a command line and without a way
 * back. {@link look} must be called every now and then; `ended` is called once. The constructor throws nothing.
 */
export class RunningProgram {
  readonly run: Run;
  readonly #ended: (run: Run) => void;
  readonly #output: Output | undefined;
  readonly #child: Child | undefined;
  readonly #began = performance.now();
  #deadline: number;
  #killAt = Number.POSITIVE_INFINITY;
  #giveUpAt = Number.POSITIVE_INFINITY;
  #over = false;

  constructor(job: ProgramJob, ended: (run: Run) => void) {
    this.#ended = ended;
    this.#deadline = this.#began + job.deadline;
    this.run = { script: job.path, started: Date.now(), ms: 0, status: null, signal: null, output: '' };
    let input: number | undefined;
    try {
      input = memoryFile('netconf-input');
      if (job.input !== '') writeSync(input, job.input, 0);
      const fd = memoryFile('netconf-output', true);
      this.#output = new Output(fd);
      appendOnly(fd);
      const { path, argv, environment } = job;
      const request = {
        path,
        argv,
        environment,
        stdio: [input, fd, fd],
        isolation: 'group',
        cwd: '/',
      } as const;
      this.#child = new Child(request, exit => this.#settle(exit));
    } catch (error) {
      this.run.error = `could not start: ${messageOf(error)}`;
      queueMicrotask(() => this.#settle({ status: null, signal: null }));
    } finally {
      if (input !== undefined) closeSync(input);
    }
  }

  /** Of its process, and of its process group; undefined when it could not start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get done(): boolean {
    return this.#over && this.#killAt === Number.POSITIVE_INFINITY;
  }

  look(now: number): boolean {
    this.#child?.poll();
    if (now >= this.#killAt) this.#kill(now);
    if (this.#over) return false;
    const soon = this.#output?.trim() === true;
    if (now >= this.#deadline) {
      this.run.timedOut = true;
      this.terminate(now);
    }
    if (now >= this.#giveUpAt) this.#giveUp();
    return soon;
  }

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

  #settle({ status, signal }: Exited): void {
    if (this.#over) return;
    this.#over = true;
    const { run } = this;
    run.ms = Math.max(0.001, Math.round((performance.now() - this.#began) * 1000) / 1000);
    run.status = status;
    run.signal = signal;
    try {
      run.output = this.#output?.close() ?? '';
    } catch (error) {
      run.error ??= messageOf(error);
    }
    this.#ended(run);
  }
}
