import type { Policy } from './policy.ts';

/** Writes a policy in one form: what is read from it is the same policy again. Comments are not kept. */
export function printPolicy({ requests, steps, events }: Policy): string {
  const sections: string[][] = [];
  for (const [name, { allow, prerequisites, start }] of requests) {
    sections.push([
      `[${name}]`,
      ...(allow.length > 0 ? [`allow ${texts(allow)}`] : []),
      ...prerequisites.map(({ text }) => `prereq ifup ${text}`),
      ...(start === undefined ? [] : [`startat ${start.text}`]),
    ]);
  }
  for (const [step, { parameters, next, retry }] of steps) {
    sections.push([
      `[cfg ${step}]`,
      ...[...parameters].map(([name, { text }]) => `${name} ${text}`),
      ...(retry === undefined ? [] : [`retry ${retry.times} ${retry.seconds}`]),
      ...[...grouped(next)].map(([to, from]) => `${from.join(',')} ${to}`),
    ]);
  }
  for (const [event, { actions }] of events) {
    sections.push([
      `[${event}]`,
      ...actions.map(({ deed, event: name }) => `do ${deed}${name === undefined ? '' : ` ${name}`}`),
    ]);
  }
  return sections.map(lines => `${lines.join('\n')}\n`).join('\n');
}

function texts(words: readonly { text: string }[]): string {
  return words.map(({ text }) => text).join(' ');
}

/** Outcomes by the step that they lead to. */
function grouped(next: ReadonlyMap<string, { text: string }>): Map<string, string[]> {
  const byStep = new Map<string, string[]>();
  for (const [outcome, { text }] of next) byStep.set(text, [...(byStep.get(text) ?? []), outcome]);
  return byStep;
}
