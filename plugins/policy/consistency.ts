import type { Word } from '../../core/base/text/lines.ts';
import { didYouMean } from '../../core/base/text/near.ts';
import { errorAt, type Position, type Problem, warningAt } from '../../core/base/text/problem.ts';
import { cyclesIn } from './cycles.ts';
import { type Policy, type StepSection, startOf } from './policy.ts';
import { mayDispatch, usualSources } from './usual-steps.ts';

/** What is wrong between the lines and sections of a policy. @param name of its file: an interface, a glob, `default` */
export function problemsOf(policy: Policy, name: string): Problem[] {
  return [
    ...cyclesOfSteps(policy),
    ...cyclesOfEvents(policy),
    ...unreachable(policy),
    ...selves(policy, name),
    ...[...policy.events]
      .filter(([, { actions }]) => actions.length === 0)
      .map(([event, section]) => errorAt(section, `[${event}] does nothing`, 'a line such as: do ifup')),
    ...misplaced(policy, name),
  ].toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Steps that nobody does, each where it is named first. `certain`: all plugins are known, so it is an error and no mere warning. */
export function unknownSteps(policy: Policy, known: ReadonlySet<string>, certain: boolean): Problem[] {
  const { start } = policy.requests.get('IFUP') ?? {};
  const named: Word[] = [
    ...(start === undefined ? [] : [start]),
    ...[...policy.steps].map(([text, { line, column }]) => ({ text, line, column })),
    ...[...policy.steps.values()].flatMap(({ next }) => [...new Set(next.values())]),
  ];
  const told = new Set(known);
  return named
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .filter(({ text }) => !told.has(text) && told.add(text))
    .map(word => {
      const hint = didYouMean(word.text, known);
      return certain
        ? errorAt(word, `no plugin does the step ${word.text}`, hint)
        : warningAt(word, `no plugin that ships with netconf does the step ${word.text}`, hint);
    });
}

function cyclesOfSteps({ steps }: Policy): Problem[] {
  const edges = new Map([...steps].map(([step, { next }]) => [step, [...next.values()].map(asEdge)]));
  return cyclesIn(edges).map(({ names, at }) => {
    const hint = names.length === 2 ? 'to try a step again: retry TIMES SECONDS' : undefined;
    return errorAt(at, `steps in a circle: ${names.join(' → ')}`, hint);
  });
}

function cyclesOfEvents({ events }: Policy): Problem[] {
  const edges = new Map(
    [...events].map(([event, { actions }]) => [
      event,
      actions.flatMap(({ event: to, line, column }) => (to === undefined ? [] : [{ to, line, column }])),
    ]),
  );
  return cyclesIn(edges).map(({ names, at }) => errorAt(at, `events in a circle: ${names.join(' → ')}`));
}

/** Sections of steps that no operation comes to. A source may go on with any step that does a stanza. */
function unreachable(policy: Policy): Problem[] {
  const reached = new Set<string>();
  const visit = (first: string) => {
    const waiting = [first];
    for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
      if (reached.has(step)) continue;
      reached.add(step);
      for (const { text } of policy.steps.get(step)?.next.values() ?? []) waiting.push(text);
    }
  };
  visit(startOf(policy));
  if ([...policy.events.values()].some(({ actions }) => actions.some(({ deed }) => deed === 'poweroff')))
    visit('PowerOff');
  if ([...reached].some(mayDispatch))
    for (const step of policy.steps.keys()) if (!usualSources.has(step)) visit(step);
  return [...policy.steps]
    .filter(([step]) => !reached.has(step))
    .map(([step, section]: [string, StepSection]) =>
      errorAt(
        section,
        `nothing leads to [cfg ${step}]`,
        `startat, or an outcome of a step that is reached, names it`,
      ),
    );
}

/** An interface cannot wait for itself. */
function selves({ requests }: Policy, name: string): Problem[] {
  return (requests.get('IFUP')?.prerequisites ?? [])
    .filter(({ text }) => text === name)
    .map(word => errorAt(word, `prerequisites in a circle: ${name} → ${name}`));
}

/** What is about the daemon as a whole counts in `default` only. */
function misplaced({ requests }: Policy, name: string): Problem[] {
  const section = requests.get('MANAGE');
  if (section === undefined || name === 'default') return [];
  return [errorAt(section, 'nothing leads to [MANAGE]', 'it is about no interface: it belongs into default')];
}

function asEdge({ text, line, column }: Word): Position & { to: string } {
  return { to: text, line, column };
}
