import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf } from '../runner/failure.ts';
import type { MethodRequest, ProgramRun } from '../runner/programs.ts';
import type { Operation, Stanza } from './hooks.ts';
import { stanzaName } from './makes.ts';

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
 * Has a method kept anything under this handle, for this stanza if one is given (`for inet-static`)? What it has not, it
 * need not take back.
 */
export function hasHandle(
  { paths }: { paths: { readonly run: string } },
  on: string,
  handle: string,
  stanza?: Stanza,
): boolean {
  try {
    const lines = readFileSync(join(paths.run, 'interfaces', `${on}.d`, handle), 'utf8').split('\n');
    return stanza === undefined || lines.includes(`for ${stanzaName(stanza)}`);
  } catch {
    return false;
  }
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
