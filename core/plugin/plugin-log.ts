import { type Log, log } from '../base/log.ts';
import type { Guard } from './guard.ts';

/** A plugin's log: its name before each line, silent when it is unloaded. */
export function logOf(owner: string, guard: Guard): Log {
  const lines = log(owner);
  const silent = (write: (message: string) => void) => (message: string) => {
    if (guard.live) write(message);
  };
  return {
    error: silent(lines.error),
    warning: silent(lines.warning),
    notice: silent(lines.notice),
    info: silent(lines.info),
  };
}
