import { readFileSync } from 'node:fs';

/** What the kernel says of a process: proc_pid_stat(5). */
export interface ProcessStat {
  /** `R`, `S`, `Z` (a zombie)… */
  state: string;
  parent: number;
  group: number;
  /** In ticks since the machine's start: with the process id it names one process and no other. */
  start: string;
}

/** Undefined when there is none. */
export function processStat(pid: number | 'self'): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The fields after the program's name, which may hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, group] = fields;
  return { state, parent: Number(parent), group: Number(group), start: fields[19] ?? '' };
}
