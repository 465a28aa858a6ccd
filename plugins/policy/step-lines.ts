import { type Line, restOf, type Word } from '../../core/base/text/lines.ts';
import { didYouMean } from '../../core/base/text/near.ts';
import { errorAt, type Position, type Report } from '../../core/base/text/problem.ts';
import type { Retry, StepSection } from './policy.ts';
import { isOutcomes, parameterFault, stepFault } from './words.ts';

/** Seconds, and times: a day, and more than anybody waits for. */
const most = { times: 1000, seconds: 86_400 };

/** Outcomes of the steps that ship: written in lower case they would be parameters that nobody reads. */
const usualOutcomes = ['OK', 'FAIL', 'TIMEOUT', 'NOTFOUND', 'AUTH', 'BOUND', 'BIND'];

/** Reads the lines of `[cfg STEP]`: parameters, outcomes with the step to go on with, and `retry`. */
export function stepLines(at: Position, report: Report) {
  const parameters = new Map<string, Word>();
  const next = new Map<string, Word>();
  const section: StepSection & { retry?: Retry } = { ...at, parameters, next };

  const readOutcomes = (outcomes: Word, [step, extra]: readonly Word[]) => {
    const fault = stepFault(step!.text);
    if (extra !== undefined) report(errorAt(extra, 'one step comes next', whatAboutCommas(outcomes, step!)));
    else if (fault !== undefined) report(errorAt(step!, fault.message, fault.hint));
    if (extra !== undefined || fault !== undefined) return;
    for (const outcome of outcomes.text.split(',')) {
      const earlier = next.get(outcome);
      if (earlier === undefined) next.set(outcome, step!);
      else report(errorAt(outcomes, `${outcome} goes to ${earlier.text} already, by line ${earlier.line}`));
    }
  };

  const readRetry = (keyword: Word, values: readonly Word[]) => {
    const [times, seconds] = values.map(({ text }) => (/^\d{1,6}$/.test(text) ? Number(text) : 0));
    if (section.retry !== undefined) {
      report(errorAt(keyword, `retry stands already on line ${section.retry.line}`));
    } else if (values.length !== 2 || !within(times, most.times) || !within(seconds, most.seconds)) {
      const expected = `retry TIMES SECONDS: numbers from 1 to ${most.times} and to ${most.seconds}`;
      report(errorAt(keyword, expected, 'retry 3 10'));
    } else {
      const { line, column } = keyword;
      section.retry = { line, column, times: times!, seconds: seconds! };
    }
  };

  const read = (line: Line) => {
    const [name, ...values] = line.words;
    const value = restOf(line);
    const fault = isOutcomes(name.text) ? undefined : parameterFault(name.text);
    const earlier = parameters.get(name.text);
    if (fault !== undefined) report(errorAt(name, fault.message, fault.hint));
    else if (value === undefined) report(errorAt(name, `${name.text}: its value is missing`));
    else if (isOutcomes(name.text)) readOutcomes(name, values);
    else if (name.text === 'retry') readRetry(name, values);
    else if (looksLikeOutcome(name, values))
      report(errorAt(name, `${name.text} is no parameter`, didYouMean(name.text, usualOutcomes)));
    else if (earlier !== undefined)
      report(errorAt(name, `${name.text} stands already on line ${earlier.line}`));
    else parameters.set(name.text, value);
  };

  return { section: section as StepSection, read };
}

function within(value: number | undefined, most: number): boolean {
  return value !== undefined && value >= 1 && value <= most;
}

function whatAboutCommas(outcomes: Word, step: Word): string | undefined {
  if (!isOutcomes(step.text.replace(/,$/, ''))) return undefined;
  return `outcomes have commas between and no blanks: ${outcomes.text},${step.text}`;
}

/** `fail DHCP` of somebody who meant FAIL. */
function looksLikeOutcome({ text }: Word, [value, more]: readonly Word[]): boolean {
  return (
    usualOutcomes.includes(text.toUpperCase()) && more === undefined && stepFault(value!.text) === undefined
  );
}
