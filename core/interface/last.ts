import { messageOf } from '../base/errors.ts';
import { type Done, defaultPlan, type Job, workOf } from './job.ts';
import { operationOf, ownStanza } from './operation.ts';
import { ownPeer } from './parts.ts';
import { whileLive } from './patience.ts';
import { isFailure } from './states.ts';

/**
 * Ends an `ifdown` with a step of its own, such as `PowerOff`: the interface is down then, whatever the step does, and
 * nothing of it is on record, so that the next `ifup` begins anew.
 */
export async function endWith(last: string, job: Job, done: Done): Promise<Done> {
  const { parts, ask, signal } = job;
  const { state, logical } = done.result;
  if (state !== 'deconfigured' && state !== 'not-configured') return done;
  const failed = (outcome: string, message: string): Done => ({
    ...done,
    result: { ...done.result, state: 'failed', step: last, outcome, message },
  });
  try {
    const request = { action: 'IFDOWN', subject: ask.interface, peer: ask.peer ?? ownPeer() } as const;
    const plan = (await parts.hooks.call('plan', request)) ?? defaultPlan;
    const work = { ...workOf(job, logical, plan, {}), request: 'ifup' as const };
    const operation = operationOf(work, ownStanza(last), plan.steps[last]?.parameters ?? {}, 'step');
    job.progress({ phase: 'step', step: last });
    const result = await whileLive(parts.hooks.callStep('step', last, operation), signal);
    if (result === undefined) return failed('FAIL', `no plugin does the step ${last}`);
    const { outcome, message = outcome } = result;
    return isFailure(outcome) ? failed(outcome, message) : done;
  } catch (error) {
    return failed('FAIL', messageOf(error));
  }
}
