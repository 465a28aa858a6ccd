import { failureOf } from '../runner/failure.ts';
import type { MethodRequest, ProgramRun } from '../runner/programs.ts';
import type { Operation } from './hooks.ts';

/** What a method is run with, and for which operation: none where an event led to it. */
export interface Performance extends MethodRequest {
  operation?: Operation;
}

/** The part of what a plugin gets that runs methods. */
export interface Performer {
  readonly observe: boolean;
  runMethod(name: string, method: Performance): Promise<ProgramRun>;
}

/**
 * Runs a method that must work. Throws an Error with the sentence in which it says why it did not; what else it prints
 * is told to the operation's client. A daemon that observes only tells what would be run.
 */
export async function perform(
  { observe, runMethod }: Performer,
  name: string,
  { environment, ...request }: Performance,
): Promise<void> {
  const run = await runMethod(name, {
    ...request,
    environment: observe ? { ...environment, NETCONF_DRY_RUN: '1' } : environment,
  });
  const lines = run.output.split('\n').filter(line => line.trim() !== '');
  const failure = failureOf(run);
  // A method that fails says why in its last line, unless it was ended.
  if (failure !== undefined) throw new Error((run.status !== null && lines.at(-1)) || failure);
  for (const line of lines) request.operation?.progress(observe ? `would run: ${line}` : line);
}
