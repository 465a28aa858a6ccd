import type { Bus } from '../bus/bus.ts';
import { checkInterfaceName, checkThirdPartyName } from '../bus/catalogue.ts';
import type { Event } from '../bus/event.ts';
import type { Run } from '../control/api.ts';
import type { Emission } from './way-back.ts';

/** Characters of a failed run's output that its event carries. */
const shownOutput = 1024;

/**
 * Publishes what a script wrote to descriptor 3, with the script's own event as the cause; on the same interface unless
 * it says otherwise. Throws `BadEventName`, `ReservedName` or `Overloaded`.
 */
export function publishEmission(
  bus: Bus,
  script: string,
  emission: Emission,
  cause: Event,
  reserved: ReadonlySet<string>,
  indexOf: (name: string) => number | undefined,
): void {
  checkThirdPartyName(emission.event, reserved);
  const own = emission.interface === undefined || emission.interface === cause.interface;
  const name = own ? cause.interface : (emission.interface ?? undefined);
  if (!own && name !== undefined) checkInterfaceName(emission.event, name);
  bus.publish(emission.event, {
    source: `script:${script}`,
    interface: name,
    ifindex: own ? cause.ifindex : name === undefined ? undefined : indexOf(name),
    cause,
    data: emission.data,
  });
}

/** Publishes `hook.failed`, or `hook.timed-out`, for a run of a script of `event`. Throws `Overloaded`. */
export function publishFailure(bus: Bus, run: Run, event: Event): void {
  const { script, status, signal, ms } = run;
  bus.publish(run.timedOut === true ? 'hook.timed-out' : 'hook.failed', {
    source: 'daemon',
    interface: event.interface,
    ifindex: event.ifindex,
    cause: event,
    data: {
      script,
      event: event.name,
      status,
      signal,
      ms,
      message: sentenceOf(run),
      output: run.output.slice(-shownOutput),
    },
  });
}

/** What went wrong with a run, the first that is true. */
export function sentenceOf(run: Run): string {
  const end = run.signal === null ? `ended with status ${run.status}` : `was ended by ${run.signal}`;
  if (run.timedOut) return `took longer than its deadline and ${end}`;
  if (run.status === null && run.signal === null) return run.error ?? 'ended in an unknown way';
  return run.error === undefined || run.status !== 0 ? end : run.error;
}
