import type { Choice } from '../../core/base/choice.ts';
import { NetconfError } from '../../core/base/errors.ts';
import { type Painter, visible } from '../../core/base/terminal.ts';
import { checkEventName } from '../../core/bus/catalogue.ts';
import type { ExplainedScript, Explanation } from '../../core/control/api.ts';
import { columns } from '../columns.ts';
import { withDaemon } from '../daemon.ts';
import { readData } from '../event-data.ts';
import { UsageError } from '../failure.ts';
import { pathLines } from '../operation-path.ts';
import { paintOutput, writeJson, writeLine } from '../output.ts';
import { principalOf } from '../principal.ts';

/** Who would react to an event, in order, and why the others would not; or the path that an operation would take. */
export function explain(choice: Choice): Promise<number> {
  const [first] = choice.arguments;
  return first === 'ifup' || first === 'ifdown' ? explainOperation(choice, first) : explainEvent(choice);
}

async function explainEvent(choice: Choice): Promise<number> {
  const [event, ...pairs] = choice.arguments;
  checkEventName(event);
  if (choice.value('as') !== undefined) throw new UsageError('--as goes with ifup IF and ifdown IF');
  const on = choice.value('interface');
  const { explanation } = await withDaemon(choice, client =>
    client.call('Explain', {
      event,
      ...(on !== undefined && { interface: on }),
      ...(pairs.length > 0 && { data: readData(pairs) }),
    }),
  );
  if (explanation === undefined) throw new NetconfError('BadReply', 'netconfd explained nothing');
  if (choice.flag('json')) await writeJson(explanation);
  else for (const line of explanationLines(explanation, paintOutput())) await writeLine(line);
  return 0;
}

async function explainOperation(choice: Choice, operation: 'ifup' | 'ifdown'): Promise<number> {
  const [, on, ...more] = choice.arguments;
  if (on === undefined || more.length > 0) throw new UsageError(`explain ${operation} takes one interface`);
  const user = choice.value('as');
  const as = user === undefined ? undefined : principalOf(user);
  const { path } = await withDaemon(choice, client =>
    client.call('Explain', { operation, interface: on, ...(as !== undefined && { as }) }),
  );
  if (path === undefined) throw new NetconfError('BadReply', 'netconfd explained nothing');
  if (choice.flag('json')) await writeJson(path);
  else for (const line of pathLines(path, user ?? 'you', paintOutput())) await writeLine(line);
  return 0;
}

function explanationLines(explanation: Explanation, paint: Painter): string[] {
  const head = [explanation.event, explanation.interface ?? '-'].map(visible).join(' ');
  const listeners = explanation.listeners.map(({ plugin, on }, at) => [`${at + 1}`, plugin, `on ${on}`]);
  const taps = explanation.taps.map(({ hook, plugin, stage }, at) => [
    `${at + 1}`,
    hook,
    stage === 0 ? plugin : `${plugin}, stage ${stage}`,
  ]);
  return [
    paint('bold', head),
    ...section('Listeners', listeners, 'no plugin listens', paint),
    ...section('Taps', taps, 'no plugin taps a hook point of it', paint),
    ...section('Scripts', scriptRows(explanation.scripts), 'no script is there for it', paint),
    ...explanation.notes.map(note => `${paint('yellow', 'Note:')} ${visible(note)}`),
  ];
}

/** Numbers only for what would run: the order is the answer. */
function scriptRows(scripts: readonly ExplainedScript[]): string[][] {
  let number = 0;
  return scripts.map(({ script, run, deadline, reason }) => {
    if (run) return [`${++number}`, script, deadline === undefined ? 'runs' : `runs, at most ${deadline} s`];
    return ['-', script, `does not run: ${reason ?? 'no reason given'}`];
  });
}

function section(title: string, rows: readonly string[][], none: string, paint: Painter): string[] {
  const lines = columns(rows.map(row => row.map((cell, at) => (at === 0 ? `  ${cell}` : visible(cell)))));
  return [`${paint('cyan', `${title}:`)}${rows.length === 0 ? ` ${none}` : ''}`, ...lines];
}
