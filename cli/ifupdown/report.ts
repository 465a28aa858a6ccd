import { visible, visibleLines } from '../../core/base/terminal.ts';
import type { OperationResult } from '../../core/control/api.ts';
import { type Say, toBytes } from './say.ts';

/** Lines of a failed script's output that are shown. */
const shownLines = 10;

/**
 * Says what an operation came to, in ifupdown's words where it has any. Returns whether it counts as success. With
 * `quiet` what was as asked for already is not mentioned.
 */
export function report(
  command: 'ifup' | 'ifdown',
  result: OperationResult,
  quiet: boolean,
  say: Say,
): boolean {
  const { interface: iface, logical, state, message } = result;
  const warn = (text: string) => say.warn(toBytes(text));
  for (const warning of result.warnings ?? []) warn(visible(`${iface}: ${warning}`));
  switch (state) {
    case 'configured':
    case 'deconfigured':
      return true;
    case 'already':
    case 'not-configured':
      if (!quiet) warn(`interface ${iface} ${state === 'already' ? 'already' : 'not'} configured`);
      return true;
    case 'unknown':
      warn(visible(`unknown interface ${logical}`));
      return false;
    case 'needed':
      warn(
        visible(
          `interface ${iface} is needed by ${(result.neededBy ?? []).join(', ')}: --force takes it down`,
        ),
      );
      return false;
    default:
      reasons(result, warn);
      if (message !== undefined && state === 'refused') return false;
      warn(`failed to bring ${command === 'ifup' ? 'up' : 'down'} ${visible(logical)}`);
      return false;
  }
}

function reasons(
  { interface: iface, step, message, script, output, undone }: OperationResult,
  warn: Warn,
): void {
  if (message !== undefined) {
    // What is wrong in the file first, with its place, as ifupdown has it.
    const [, unread, mistake] = /^(couldn't read interfaces file ".*?"): (.*)$/s.exec(message) ?? [];
    if (unread !== undefined && mistake !== undefined) {
      warn(visible(mistake));
      warn(visible(unread));
    } else {
      warn(visible(`${iface}: ${step === undefined || step === '' ? '' : `${step}: `}${message}`));
    }
  }
  const lines = visibleLines(output ?? '')
    .replace(/\n+$/, '')
    .split('\n');
  if (script !== undefined && output) {
    warn(visible(`${iface}: ${script} said:`));
    for (const line of lines.slice(-shownLines)) warn(`  ${line}`);
  }
  for (const each of undone ?? []) warn(visible(`${iface}: undone: ${each}`));
}

type Warn = (text: string) => void;
