import { visible } from '../../core/base/terminal.ts';
import type { Configuration } from '../../plugins/network-file/configuration.ts';
import { excerptOf, type Problem, placeOf } from '../../plugins/network-file/language/problem.ts';
import { count } from '../count.ts';
import type { Finding } from '../finding.ts';
import { paintOutput, writeLine } from '../output.ts';

export function findingOf(problem: Problem): Finding {
  const { severity, message, hint } = problem;
  return { severity, place: placeOf(problem), message, ...(hint !== undefined && { hint }) };
}

/** Each with its line, a caret below what is meant, and what to do. */
export async function writeProblems({ problems }: Pick<Configuration, 'problems'>): Promise<void> {
  const paint = paintOutput();
  for (const problem of problems) {
    const { severity, message, hint } = problem;
    const word = paint(severity === 'error' ? 'red' : 'yellow', severity);
    await writeLine(`${visible(placeOf(problem))}: ${word}: ${visible(message)}`);
    for (const line of excerptOf(problem)) await writeLine(`    ${visible(line)}`);
    if (hint !== undefined) await writeLine(`  ${visible(hint)}`);
  }
}

/** `2 errors, 1 warning`. */
export function countOf(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return `${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}`;
}
