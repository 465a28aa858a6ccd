import type { Choice } from '../../core/base/choice.ts';
import { NetconfError } from '../../core/base/errors.ts';
import { formatEvent } from '../../core/bus/format.ts';
import type { MonitorReply } from '../../core/control/api.ts';
import { withDaemon } from '../daemon.ts';
import { complain } from '../failure.ts';
import { coloured, writeLine } from '../output.ts';

/** Prints events until the reader or the user has had enough (status 0) or the daemon goes away (`NotRunning`). */
export function monitor(choice: Choice): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
  const interfaces = choice.values('interface');
  return withDaemon(choice, async client => {
    const replies = client.stream('Monitor', {
      ...(choice.arguments.length > 0 && { names: [...choice.arguments] }),
      ...(interfaces.length > 0 && { interfaces }),
      ...(choice.flag('replay') && { replay: true }),
    });
    const print = choice.flag('json') ? printJson : printReadable;
    for await (const reply of replies) await print(reply);
    throw new NetconfError('NotRunning', 'netconfd closed the connection');
  });
}

async function printJson(reply: MonitorReply): Promise<void> {
  if (reply.event) await writeLine(JSON.stringify(reply.event));
  if (reply.lost) await writeLine(JSON.stringify({ lost: reply.lost }));
}

async function printReadable(reply: MonitorReply): Promise<void> {
  if (reply.event) await writeLine(formatEvent(reply.event, { colour: coloured() }));
  if (reply.lost) complain(`${reply.lost} events were lost: they came faster than they were read`);
}
