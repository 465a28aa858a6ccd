import { messageOf, NetconfError } from '../core/base/errors.ts';
import { visible, visibleLines } from '../core/base/terminal.ts';
import { writeErrors } from './output.ts';

/** Exit statuses, as the table tells them to the manual. */
export const status = { success: 0, failed: 1, usage: 2, notRunning: 3, denied: 4, other: 5 } as const;

/** Says what went wrong, and what to do, on standard error; returns the exit status that stands for it. */
export function report(error: unknown): number {
  complain(messageOf(error), error instanceof NetconfError ? error.hint : undefined);
  return statusOf(error);
}

/** `netconf: sentence` (a line for each line of it), and a hint on a line of its own. */
export function complain(sentence: string, hint?: string): void {
  const lines = visibleLines(sentence)
    .split('\n')
    .map(line => `netconf: ${line}`);
  if (hint !== undefined) lines.push(`  ${visible(hint)}`);
  writeErrors(lines);
}

function statusOf(error: unknown): number {
  if (error instanceof UsageError) return status.usage;
  if (!(error instanceof NetconfError)) return status.other;
  switch (error.code) {
    case 'BadEventName':
      return status.usage;
    case 'NotRunning':
      return status.notRunning;
    case 'Denied':
      return status.denied;
    default:
      return status.other;
  }
}

/** An argument that the command line's table cannot judge. */
export class UsageError extends Error {}
