import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import { closeFile, writeAvailable } from '../base/libc/files.ts';
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
  /** Standard input, which is empty without it; asked for once it has been started. */
  input?: (() => Buffer) | undefined;
  /** Milliseconds. */
  deadline: number;
  /** Called with each event that it writes to descriptor 3; throws to refuse. Without it there is no descriptor 3. */
  emit?: (emission: Emission) => void;
  /** Called as soon as it has ended, before what it left is read: the next one can start. Must not throw. */
  over?: () => void;
}

/**
 * One run of one script or program, in its own process group, with `/` as its working directory. The constructor makes
 * all ready, {@link start} only starts it, and {@link feed} must follow. {@link look} must be called every now and then
 * while it runs; `ended` is called once after the start. None throws: what cannot start has ended, too.
 */
export class Script {
  readonly run: Run;
  readonly #job: Job;
  readonly #ended: (run: Run) => void;
  readonly #kit: Kit | undefined;
  readonly #output: Output | undefined;
  readonly #wayBack: WayBack | undefined;
  #child: Child | undefined;
  /** What of its standard input is still to be written. */
  #unfed: Buffer | undefined;
  #isFed = false;
  #began = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #killAt = Number.POSITIVE_INFINITY;
  #giveUpAt = Number.POSITIVE_INFINITY;
  #over = false;

  constructor(job: Job, kits: Kits, ended: (run: Run) => void) {
    this.#job = job;
    this.#ended = ended;
    this.run = { script: job.script, started: 0, ms: 0, status: null, signal: null, output: '' };
    try {
      this.#kit = kits.take();
      this.#output = new Output(this.#kit.output);
      if (job.emit !== undefined) this.#wayBack = new WayBack(this.#kit.read, job.emit);
    } catch (error) {
      this.run.error = `could not start: ${messageOf(error)}`;
    }
  }

  /** @param first it runs before we go on */
  start(first = false): void {
    const { script, argv, environment, deadline } = this.#job;
    this.#began = performance.now();
    this.#deadline = this.#began + deadline;
    this.run.started = Date.now();
    try {
      if (this.run.error === undefined) this.#child = this.#spawn([script, ...argv], environment, first);
    } catch (error) {
      this.run.error = `could not start: ${reasonOf(script, error)}`;
    }
    if (this.#child === undefined) queueMicrotask(() => this.#settle({ status: null, signal: null }));
    this.#closeTheirs();
  }

  /** Writes its standard input: until then a script that reads it waits. */
  feed(): void {
    if (this.#kit === undefined) return;
    this.#unfed = this.#job.input?.();
    this.#feedMore(this.#kit.feed);
  }

  /** What does not fit into the pipe waits for the next look. */
  #feedMore(fd: number): void {
    let written = -1;
    try {
      if (this.#unfed !== undefined) written = writeAvailable(fd, this.#unfed);
    } catch (error) {
      this.run.error ??= `standard input: ${messageOf(error)}`;
    }
    this.#unfed = written < 0 ? undefined : this.#unfed?.subarray(written);
    if (this.#unfed === undefined || this.#unfed.length === 0) this.#fed();
  }

  #fed(): void {
    this.#unfed = undefined;
    if (this.#kit === undefined || this.#isFed) return;
    this.#isFed = true;
    closeFile(this.#kit.feed);
  }

  /** Instead of {@link start}: gives back what was made ready. */
  discard(): void {
    this.#over = true;
    this.#closeTheirs();
    this.#fed();
    this.#wayBack?.close();
    this.#output?.close();
  }

  #spawn(argv: readonly string[], environment: readonly string[], first: boolean): Child {
    const { stdio } = this.#kit!;
    return new Child(
      {
        path: argv[0]!,
        argv,
        environment,
        stdio: this.#wayBack === undefined ? stdio.slice(0, 3) : stdio,
        isolation: 'group',
        cwd: workingDirectory,
        first,
      },
      exit => this.#settle(exit),
    );
  }

  /** What the script has now, and nobody else needs. */
  #closeTheirs(): void {
    if (this.#kit === undefined) return;
    closeFile(this.#kit.input);
    closeFile(this.#kit.write);
    if (this.#wayBack === undefined) closeFile(this.#kit.read);
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
    if (this.#unfed !== undefined) this.#feedMore(this.#kit!.feed);
    const soon = this.#output?.trim() === true || this.#unfed !== undefined;
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
    this.#job.over?.();
    this.#fed();
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
