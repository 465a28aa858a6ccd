import type { Choice } from '../../core/base/choice.ts';
import { checkEventName } from '../../core/bus/catalogue.ts';
import { withDaemon } from '../daemon.ts';
import { readData } from '../event-data.ts';
import { status } from '../failure.ts';
import { hasFailed, outcomeLines } from '../outcome.ts';
import { paintOutput, writeJson, writeLine } from '../output.ts';

/** Emits an event; with `--wait` the status says whether all of its scripts succeeded. */
export async function emit(choice: Choice): Promise<number> {
  const [event, ...pairs] = choice.arguments;
  checkEventName(event);
  const on = choice.value('interface');
  const reply = await withDaemon(choice, client =>
    client.call('Emit', {
      event,
      ...(on !== undefined && { interface: on }),
      ...(pairs.length > 0 && { data: readData(pairs) }),
      ...(choice.flag('wait') && { wait: true }),
    }),
  );
  if (choice.flag('json')) {
    await writeJson(reply);
  } else {
    await writeLine(`event ${reply.id}${reply.entry?.state === 'none' ? ': no script wants it' : ''}`);
    const lines = reply.entry ? outcomeLines(reply.entry, paintOutput(), 'all') : [];
    for (const line of lines) await writeLine(line);
  }
  return reply.entry && hasFailed(reply.entry) ? status.failed : status.success;
}
