import type { Choice } from '../../core/base/choice.ts';
import { formatEvent } from '../../core/bus/format.ts';
import { withDaemon } from '../daemon.ts';
import { UsageError } from '../failure.ts';
import { outcomeLines } from '../outcome.ts';
import { coloured, paintOutput, writeJson, writeLine } from '../output.ts';

/** Past events with what their scripts came to, the oldest first. */
export async function history(choice: Choice): Promise<number> {
  const limit = numberOf(choice, 'limit');
  const id = numberOf(choice, 'id');
  const interfaces = choice.values('interface');
  const { entries } = await withDaemon(choice, client =>
    client.call('History', {
      ...(choice.arguments.length > 0 && { names: [...choice.arguments] }),
      ...(interfaces.length > 0 && { interfaces }),
      ...(choice.flag('failed') && { failed: true }),
      ...(choice.flag('storm') && { storm: true }),
      ...(id !== undefined && { id }),
      ...(limit !== undefined && { limit }),
    }),
  );
  entries.sort((a, b) => a.event.id - b.event.id);
  if (choice.flag('json')) {
    await writeJson(entries);
    return 0;
  }
  const paint = paintOutput();
  const width = String(entries.at(-1)?.event.id ?? 0).length;
  for (const entry of entries) {
    const number = paint('dim', String(entry.event.id).padStart(width));
    await writeLine(`${number} ${formatEvent(entry.event, { colour: coloured(), date: true })}`);
    for (const line of outcomeLines(entry, paint, id === undefined ? 'failed' : 'all')) await writeLine(line);
  }
  return 0;
}

function numberOf(choice: Choice, option: string): number | undefined {
  const value = choice.value(option);
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new UsageError(`--${option} wants a number, not ${value}`);
  return Number(value);
}
