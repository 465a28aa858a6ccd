import { type Line, readLines } from '../../core/base/text/lines.ts';
import { errorAt, type Problem } from '../../core/base/text/problem.ts';
import type { EventSection, Policy, RequestName, RequestSection, StepSection } from './policy.ts';
import { type OpenSection, openSection } from './section.ts';

export interface Parsed {
  /** What could be made of the text, whatever is wrong with the rest. */
  policy: Policy;
  /** In the order of the file. */
  problems: Problem[];
}

/** Problems of one file that are told. */
const mostProblems = 50;

/**
 * Reads the text of a policy. Goes on after a mistake and gathers them all: only those of single lines and sections;
 * `problemsOf` finds what is wrong between them.
 */
export function parsePolicy(text: string): Parsed {
  const problems: Problem[] = [];
  const report = (problem: Problem) => {
    if (problems.length === mostProblems)
      problems.push(errorAt(problem, 'too many mistakes: the rest is not told'));
    if (problems.length < mostProblems) problems.push(problem);
  };
  const requests = new Map<RequestName, RequestSection>();
  const steps = new Map<string, StepSection>();
  const events = new Map<string, EventSection>();
  let section: OpenSection | 'none yet' | 'not understood' = 'none yet';

  for (const line of readLines(text, report)) {
    if (line.text.startsWith('[')) {
      section = openSection(line, { requests, steps, events }, report) ?? 'not understood';
    } else if (section === 'none yet') {
      report(strayLine(line));
    } else if (section !== 'not understood') {
      section.read(line);
    }
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { policy: { requests, steps, events }, problems };
}

function strayLine({ words: [first] }: Line): Problem {
  return errorAt(
    first,
    `${first.text.slice(0, 60)}: a keyword before the first section`,
    'begin with [IFUP]',
  );
}
