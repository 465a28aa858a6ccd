import { type Painter, visible } from '../core/base/terminal.ts';
import type { OperationPath, PathStep } from '../core/control/api.ts';
import { columns } from './columns.ts';

/** The path of an operation for people: who says what, and what leads where. */
export function pathLines(path: OperationPath, asked: string, paint: Painter): string[] {
  const { operation, interface: on, logical, state, start, file } = path;
  const name = on === logical ? on : `${on}=${logical}`;
  const verdict = path.allowed
    ? `${paint('green', 'allowed')}${path.by === undefined ? '' : ` by ${visible(path.by)}`}`
    : `${paint('red', 'refused')}: ${visible(path.reason ?? 'no reason given')}`;
  return [
    paint('bold', visible(`${operation} ${name}`)),
    ...columns([
      [paint('cyan', 'Policy:'), visible(file === '' ? `none: root only, start at ${start}` : file)],
      [paint('cyan', 'Asked by:'), `${visible(asked)}: ${verdict}`],
      [paint('cyan', 'Now:'), state],
      [
        paint('cyan', 'First:'),
        visible(path.prerequisites.map(one => `ifup ${one}`).join(', ') || 'nothing'),
      ],
    ]),
    paint('cyan', 'Steps:'),
    ...path.steps.flatMap((step, at) => stepLines(step, at + 1, paint)),
    ...stanzaLines(path, paint),
    ...tapLines(path, paint),
    ...path.replaced.map(
      ({ script, plugin }) =>
        `${paint('cyan', 'Left out:')} ${visible(`${script}: ${plugin} does its work`)}`,
    ),
    ...path.notes.map(note => `${paint('yellow', 'Note:')} ${visible(note)}`),
  ];
}

const kinds: Readonly<Record<PathStep['kind'], string>> = {
  source: 'finds stanzas, and goes on at the step of each',
  work: '',
  missing: 'no plugin does it',
};

function stepLines(
  { step, kind, parameters, next, retries, retryAfter }: PathStep,
  number: number,
  paint: Painter,
) {
  const what = kind === 'missing' ? paint('red', kinds[kind]) : kinds[kind];
  const again = `failed: again after ${retryAfter} s, twice as long each time, ${retries} times at most`;
  return [
    `  ${number}  ${visible(step)}${what === '' ? '' : `  ${what}`}`,
    ...Object.entries(parameters).map(([name, value]) => `       ${visible(`${name} ${value}`)}`),
    ...(retries === undefined ? [] : [`       ${again}`]),
    ...byTarget(next).map(([to, outcomes]) => `       ${visible(`${outcomes.join(', ')} → ${to}`)}`),
    ...(kind === 'source' ? [] : ['       any other outcome is the result']),
  ];
}

function byTarget(next: Readonly<Record<string, string>>): [string, string[]][] {
  const targets = new Map<string, string[]>();
  for (const [outcome, to] of Object.entries(next)) targets.set(to, [...(targets.get(to) ?? []), outcome]);
  return [...targets];
}

function stanzaLines({ stanzas }: OperationPath, paint: Painter): string[] {
  if (stanzas.length === 0) return [];
  const heads = columns(
    stanzas.map(({ family, method, step, place = '' }) =>
      [`  ${family} ${method}`, `→ ${step}`, place].map(visible),
    ),
  );
  const lines = stanzas.flatMap(({ options }, at) => [
    heads[at]!,
    ...options.map(option => `       ${visible(option)}`),
  ]);
  return [paint('cyan', 'Stanzas now:'), ...lines];
}

function tapLines({ taps }: OperationPath, paint: Painter): string[] {
  if (taps.length === 0) return [];
  const rows = taps.map(({ hook, plugin, label }) =>
    [`  ${hook}`, plugin, label === plugin ? '' : label].map(visible),
  );
  return [paint('cyan', 'Taps:'), ...columns(rows)];
}
