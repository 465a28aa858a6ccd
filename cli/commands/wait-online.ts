import type { Choice } from '../../core/base/choice.ts';
import { messageOf, NetconfError } from '../../core/base/errors.ts';
import { visible } from '../../core/base/terminal.ts';
import type { Client } from '../../core/control/client.ts';
import { withDaemon } from '../daemon.ts';
import { complain, status, UsageError } from '../failure.ts';
import { writeErrors } from '../output.ts';
import { type Readiness, readinessOf } from '../readiness.ts';

const defaultTimeout = 120;
/** Milliseconds: at the latest the state is looked at again, whatever the events say. */
const lookAgain = 1000;
/** Milliseconds between two looks, however many events come. */
const pause = 50;

/** What can change the answer. */
const names = ['interface.*', 'request.*', 'link.*', 'address.*', 'daemon.*'];

/**
 * Waits until the interfaces that are waited for are ready: the state is looked at anew when events say that something
 * has happened. A daemon that does not answer yet, or is started again meanwhile, is waited for too. Exits with 0 when
 * ready, 1 when the time is up; rejects with `NotRunning` when no daemon answers then.
 */
export async function waitOnline(choice: Choice): Promise<number> {
  const named = choice.values('interface');
  const timeout = secondsOf(choice.value('timeout'));
  const end = performance.now() + timeout * 1000;
  const tell = progressTo(process.stderr.isTTY === true);
  let latest: Readiness[] = [];
  const isOnline = (all: Readiness[]) => {
    latest = all;
    tell(all.map(one => `${one.interface}: ${one.missing ?? 'ready'}`));
    const ready = all.filter(({ missing }) => missing === undefined);
    return all.length === 0 || (choice.flag('any') ? ready.length > 0 : ready.length === all.length);
  };
  for (;;) {
    try {
      const online = await withDaemon(choice, client => follow(client, end, named, isOnline));
      if (online) return status.success;
      break;
    } catch (error) {
      if (!(error instanceof NetconfError && error.code === 'NotRunning')) throw error;
      if (performance.now() >= end) throw error;
      tell([`${messageOf(error)}; waiting for it`]);
      await sleep(Math.min(200, end - performance.now()));
    }
  }
  complain(`not online after ${timeout} s`);
  const open = latest.filter(({ missing }) => missing !== undefined);
  writeErrors(open.map(one => `  ${visible(one.interface)}: ${visible(one.missing ?? '')}`));
  return status.failed;
}

/** Looks until it is online (true) or the time is up (false). Rejects with `NotRunning` where the daemon goes away. */
async function follow(
  client: Client,
  end: number,
  named: readonly string[],
  isOnline: (all: Readiness[]) => boolean,
): Promise<boolean> {
  const pokes = pokesOf(client);
  for (;;) {
    const poke = pokes.next();
    const { interfaces = [], addresses = [] } = await client.call('Status', {
      parts: ['interfaces', 'addresses'],
    });
    if (isOnline(readinessOf({ interfaces, addresses }, named))) return true;
    const left = end - performance.now();
    if (left <= 0) return false;
    await Promise.race([poke, sleep(Math.min(lookAgain, left))]);
    await sleep(Math.min(pause, Math.max(0, end - performance.now())));
  }
}

/** `next` resolves at the first event after it was called; an end of the stream is one, too. */
function pokesOf(client: Client): { next: () => Promise<void> } {
  let poked = () => {};
  const next = () =>
    new Promise<void>(resolve => {
      poked = resolve;
    });
  const listen = async () => {
    for await (const _ of client.stream('Monitor', { names })) poked();
  };
  // Who has gone away is found out at the next look.
  listen().then(
    () => poked(),
    () => poked(),
  );
  return { next };
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return defaultTimeout;
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds <= 1_000_000) return seconds;
  throw new UsageError(`--timeout ${text}: a number of seconds was expected`);
}

/** Lines that were not the last ones told; nothing where nobody looks. */
function progressTo(terminal: boolean): (lines: readonly string[]) => void {
  let told: readonly string[] = [];
  return lines => {
    if (terminal) {
      const fresh = lines.filter(line => !told.includes(line));
      if (fresh.length > 0) writeErrors(fresh.map(visible));
    }
    told = lines;
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
