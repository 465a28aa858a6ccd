import { type Problem, placeOf } from '../core/base/text/problem.ts';

/** One thing that `netconf check` found. Only an error makes the check fail. */
export interface Finding {
  severity: 'error' | 'warning';
  /** FILE:LINE:COLUMN, or as much of it as is known. */
  place: string;
  message: string;
  hint?: string;
}

/** `FILE:LINE:COLUMN: sentence` taken apart; the place is `fallback` where the text does not begin with one. */
export function findingOf(text: string, fallback: string, hint?: string): Finding {
  const [, place = fallback, message = text] = /^(\/[^\n:]*(?::\d+){0,2}): (.*)$/s.exec(text) ?? [];
  return { severity: 'error', place, message, ...(hint !== undefined && { hint }) };
}

/** A problem of a file. */
export function findingAt(path: string, problem: Problem): Finding {
  const { severity, message, hint } = problem;
  return { severity, place: placeOf(path, problem), message, ...(hint !== undefined && { hint }) };
}
