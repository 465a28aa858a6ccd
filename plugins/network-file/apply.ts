import { existsSync } from 'node:fs';
import type { Netconf, OperationResult } from 'netconf/plugin';
import type { Change } from './changes.ts';

/** What became of one interface. */
export interface Applied {
  interface: string;
  /** As operations have it; `waiting`: there is no such link yet, and it is configured when it comes. */
  state: OperationResult['state'] | 'waiting';
  message?: string;
}

export interface ApplyResult {
  applied: Applied[];
  /** The first that failed. */
  failed?: Applied;
  /** What was begun, in order. */
  done: Change[];
}

/**
 * Does one change after the other, up to the first that fails, or, on the way back, all of them. What is up already and
 * need not change is passed over silently.
 */
export async function applyChanges(
  netconf: Netconf,
  changes: readonly Change[],
  progress: (message: string) => void,
  { back = false } = {},
): Promise<ApplyResult> {
  const applied: Applied[] = [];
  let failed: Applied | undefined;
  const done: Change[] = [];
  for (const change of changes) {
    const { name, what, made } = change;
    if (what !== 'down' && !made && !existsSync(`/sys/class/net/${name}`)) {
      applied.push({
        interface: name,
        state: 'waiting',
        message: 'there is no such link yet: it is configured when it comes',
      });
      continue;
    }
    progress(`${name}: ${words[what]}`);
    const one = await operate(netconf, change);
    if (one.state === 'already' || one.state === 'not-configured') continue;
    applied.push(one);
    // What failed is down now, whatever it was before.
    done.push(change);
    if (one.state === 'configured' || one.state === 'deconfigured') continue;
    failed ??= one;
    if (!back) break;
  }
  return { applied, done, ...(failed !== undefined && { failed }) };
}

const words = { down: 'taking down', again: 'changing', new: 'configuring', up: 'configuring' } as const;

async function operate(netconf: Netconf, { name, what }: Change): Promise<Applied> {
  try {
    const { state, message } = await (what === 'down'
      ? netconf.operate('ifdown', name)
      : netconf.operate('ifup', name, { class: 'auto', again: what !== 'up' }));
    return { interface: name, state, ...(message !== undefined && { message }) };
  } catch (error) {
    return { interface: name, state: 'failed', message: (error as Error).message };
  }
}
