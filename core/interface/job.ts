import type { Event } from '../bus/event.ts';
import type { OperationProgress, OperationResult } from '../control/api.ts';
import type { OperationOptions, Plan } from '../plugin/hooks.ts';
import type { Ask, Operate, OperationParts, Work } from './parts.ts';
import { type InterfaceRecord, move } from './record.ts';

/** One operation whose turn has come, with the interface's lock held. */
export interface Job {
  parts: OperationParts;
  ask: Ask;
  event: Event;
  /** Aborted when who asks is gone, the time is up, or netconfd stops. */
  signal: AbortSignal;
  /** netconfd stops: what is at work stays on record, and goes on at the next start. */
  stopping: () => boolean;
  progress: (step: Omit<OperationProgress, 'interface'>) => void;
  operate: Operate;
}

/** What an operation came to, and the prerequisites that it does not need any more. */
export interface Done {
  result: Omit<OperationResult, 'ms'>;
  release: readonly string[];
}

/** Milliseconds that taking back may take: its own time, since the operation's may be over. */
const undoMs = 600_000;

/** Without a policy. */
export const defaultPlan: Plan = { file: '', prerequisites: [], start: 'ENI', steps: {} };

export function workOf(job: Job, logical: string, plan: Plan, options: OperationOptions): Work {
  const { parts, ask, event, signal, progress } = job;
  const request = event.name === 'request.ifdown' ? 'ifdown' : 'ifup';
  return {
    parts,
    interface: ask.interface,
    logical,
    request,
    options,
    event,
    signal,
    plan,
    warnings: [],
    progress,
  };
}

/** The same operation on its way back: with a time of its own, since the other may be over. */
export function wayBack(work: Work): Work {
  return { ...work, request: 'ifdown', signal: AbortSignal.timeout(undoMs) };
}

/** The record of an interface, unless the kernel has it that nothing is left of it: then it is forgotten. */
export function believed({ records }: OperationParts, name: string): InterfaceRecord | undefined {
  const record = records.read(name);
  if (record === undefined || records.belief(record) !== 'other') return record;
  move(record, 'forgotten');
  records.remove(name);
  return undefined;
}
