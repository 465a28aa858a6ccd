import type { Run } from '../control/api.ts';

/** Why a run failed, in one sentence; undefined for one that worked. */
export function failureOf(run: Run): string | undefined {
  if (run.timedOut) return `${run.script} took longer than its deadline`;
  if (run.error !== undefined) return `${run.script}: ${run.error}`;
  if (run.signal !== null) return `${run.script} was ended by ${run.signal}`;
  return run.status === 0 ? undefined : `${run.script} ended with status ${run.status}`;
}
