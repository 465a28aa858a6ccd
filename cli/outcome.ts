import { type Painter, visible, visibleLines } from '../core/base/terminal.ts';
import type { HistoryEntry, Run } from '../core/control/api.ts';
import { columns } from './columns.ts';

/** Whether what the event asked for was not done: a script failed or was refused, or none was let run. */
export function hasFailed(entry: Pick<HistoryEntry, 'runs' | 'refused' | 'state'>): boolean {
  return (
    entry.state === 'dropped' ||
    entry.state === 'held' ||
    entry.refused.length > 0 ||
    entry.runs.some(run => hasRunFailed(run))
  );
}

/** What became of an event's scripts, one line a script; below it the output of those that failed, or of all. */
export function outcomeLines(entry: HistoryEntry, paint: Painter, output: 'all' | 'failed'): string[] {
  const lines: string[] = [];
  const rows = columns([
    ...entry.runs.map(run => [
      `  ${hasRunFailed(run) ? paint('red', resultOf(run)) : paint('green', resultOf(run))}`,
      `${Math.round(run.ms)} ms`,
      visible(run.script),
    ]),
    ...entry.refused.map(({ script, reason }) => [
      `  ${paint('red', 'refused')}`,
      '',
      `${visible(script)}: ${visible(reason)}`,
    ]),
  ]);
  for (const [at, row] of rows.entries()) {
    lines.push(row);
    const run = entry.runs[at];
    if (run !== undefined && (output === 'all' || hasRunFailed(run))) lines.push(...outputLines(run, paint));
  }
  if (entry.reason !== undefined) lines.push(`  ${entry.state}: ${visible(entry.reason)}`);
  if (entry.superseded?.length) lines.push(`  stands for ${entry.superseded.join(', ')} too`);
  return lines;
}

function hasRunFailed(run: Run): boolean {
  if (run.timedOut || run.error !== undefined || run.signal !== null) return true;
  return run.status !== null && run.status !== 0;
}

function resultOf(run: Run): string {
  if (run.timedOut) return 'timed out';
  if (run.signal !== null) return visible(run.signal);
  if (run.status !== null) return run.status === 0 && run.error === undefined ? 'ok' : `exit ${run.status}`;
  return run.error === undefined ? 'running' : 'not run';
}

function outputLines(run: Run, paint: Painter): string[] {
  const bar = paint('dim', '    | ');
  const said = run.output === '' ? [] : visibleLines(run.output.replace(/\n$/, '')).split('\n');
  const trouble = run.error === undefined ? [] : [visible(run.error)];
  return [...trouble, ...said].map(line => bar + line);
}
