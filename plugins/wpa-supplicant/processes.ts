import { readlinkSync } from 'node:fs';
import { isGone, signal } from '../../core/base/processes.ts';

/** Is a process in this one's network namespace? Of what cannot be looked at, yes. */
export function isInOurNamespace(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  } catch {
    return true;
  }
}

/** Ends a process: TERM, and KILL when it is still there after so long. */
export async function endProcess(pid: number, ms: number): Promise<void> {
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    signal(pid, name);
    if (await isGone(pid, ms)) return;
  }
}
