import { messageOf } from '../base/errors.ts';
import type { Event } from '../bus/event.ts';
import type { Run } from '../control/api.ts';
import type { HookDirectories, Wanted } from './directories.ts';
import { buildEnvironment, type EnvironmentHook } from './environment.ts';
import type { Record } from './history.ts';
import type { Job, Script } from './script.ts';
import type { Scripts } from './scripts.ts';
import type { Emission } from './way-back.ts';

export interface Surroundings {
  directories: Pick<HookDirectories, 'select'>;
  scripts: Scripts;
  socket: string;
  environment?: EnvironmentHook | undefined;
  /** Seconds. */
  deadline(script: string): number;
  /** Publishes what a script writes to descriptor 3; throws to refuse. */
  emit(script: string, emission: Emission): void;
  started?(script: Script): void;
  ended?(script: Script, run: Run): void;
  refused?(script: string, reason: string): void;
  /** A sentence when the scripts that are left must not run any more. */
  interrupted?(): string | undefined;
}

/**
 * Runs the scripts of one event, one after the other, and fills its record in. A script that fails, or cannot start,
 * does not keep the later ones from running. Never rejects.
 */
export async function runEventScripts(record: Record, wanted: Wanted, around: Surroundings): Promise<void> {
  const { event } = record;
  try {
    const { scripts, excluded } = around.directories.select(wanted);
    for (const { script, reason, refused } of excluded) {
      if (!refused) continue;
      record.refused.push({ script, reason });
      around.refused?.(script, reason);
    }
    const cause = causingScript(event);
    const due = scripts.filter(script => script !== cause);
    if (due.length === 0) {
      record.state = record.refused.length > 0 ? 'done' : 'none';
      return;
    }
    record.state = 'running';
    const { variables, notes } = buildEnvironment(event, around.socket, around.environment);
    if (notes.length > 0) record.reason = notes.join('; ').slice(0, 1024);
    let line: Buffer | undefined;
    const input = () => {
      line ??= Buffer.from(`${lineOf(event)}\n`);
      return line;
    };
    const jobs = due.map(script => ({
      script,
      argv: [event.name],
      environment: variables,
      input,
      deadline: around.deadline(script) * 1000,
      emit: (emission: Emission) => around.emit(script, emission),
    }));
    await inOrder(jobs, record, around);
    record.state = 'done';
  } catch (error) {
    record.state = 'done';
    record.reason = `the scripts could not be run: ${messageOf(error)}`;
  }
}

/**
 * One after the other. While one runs the next is made ready, and starts as soon as it has ended: what it printed and
 * emitted is read then.
 */
function inOrder(jobs: readonly Job[], record: Record, around: Surroundings): Promise<void> {
  return new Promise(resolve => {
    let left = jobs.length;
    let running: Script | undefined;
    let next: Script | undefined;
    const prepare = (at: number): Script => {
      const over = () => {
        running = undefined;
        if (at + 1 < jobs.length) start(at + 1);
      };
      const script: Script = around.scripts.prepare({ ...jobs[at]!, over }, run => {
        around.ended?.(script, run);
        if (--left === 0) resolve();
      });
      return script;
    };
    const start = (at: number) => {
      const interruption = around.interrupted?.();
      if (interruption !== undefined) {
        record.reason = `${interruption}: ${jobs[at]!.script} and later scripts did not run`;
        next?.discard();
        left -= jobs.length - at;
        if (left === 0) resolve();
        return;
      }
      const script = next ?? prepare(at);
      next = undefined;
      running = script;
      record.runs.push(script.run);
      around.scripts.start(script, at === 0);
      around.started?.(script);
      if (at + 1 === jobs.length) return;
      setImmediate(() => {
        if (running === script) next = prepare(at + 1);
      });
    };
    start(0);
  });
}

/** `hook.failed` and `hook.timed-out` do not run the script that they are about. */
function causingScript(event: Event): string | undefined {
  if (event.family !== 'hook') return undefined;
  const { script } = event.data as { script?: unknown };
  return typeof script === 'string' ? script : undefined;
}

/** A plugin may publish what JSON cannot say: the script still runs, with the envelope. */
function lineOf(event: Event): string {
  try {
    return event.line;
  } catch {
    const { id, name, time, source } = event;
    return JSON.stringify({ id, name, time, source, interface: event.interface, data: {} });
  }
}
