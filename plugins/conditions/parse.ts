import { type Line, readLines } from '../../core/base/text/lines.ts';
import { didYouMean } from '../../core/base/text/near.ts';
import { errorAt, type Problem, type Report } from '../../core/base/text/problem.ts';
import { readAction } from './action.ts';
import { readExpression } from './expression.ts';
import { type Action, type Condition, isState, type Word } from './model.ts';

export interface Parsed {
  /** Those without a mistake. */
  conditions: Condition[];
  /** In the order of the file. */
  problems: Problem[];
}

/** Problems of one file that are told, and conditions that it may have. */
const mostProblems = 50;
const mostConditions = 1000;

interface Draft {
  first: Word;
  words: Word[];
  actions: Action[];
  ending: Action[];
  good: boolean;
}

/**
 * Reads the text of a file of conditions, all of it, whatever is wrong with a part:
 *
 *     file       = { condition }
 *     condition  = "on" expression { "do" action } { "end" action }
 *     expression = term { "or" term }
 *     term       = factor { ( "and" | "unless" ) factor }
 *     factor     = "not" factor | "(" expression ")" | "from" event "until" event | event
 *     event      = NAME { KEY=GLOB }
 *     action     = ( "ifup" | "ifdown" ) [ INTERFACE ] | "run" PATH | "emit" NAME { KEY=VALUE }
 *
 * An expression may go on over several lines, up to the first `do`.
 */
export function parseConditions(text: string): Parsed {
  const problems: Problem[] = [];
  const conditions: Condition[] = [];
  let draft: Draft | undefined;
  const report: Report = problem => {
    if (problem.severity === 'error' && draft !== undefined) draft.good = false;
    if (problems.length === mostProblems)
      problems.push(errorAt(problem, 'too many mistakes: the rest is not told'));
    if (problems.length < mostProblems) problems.push(problem);
  };
  const finish = () => {
    const condition = draft && conditionOf(draft, report);
    if (condition !== undefined && conditions.length < mostConditions) conditions.push(condition);
    else if (condition !== undefined)
      report(errorAt(condition, `more than ${mostConditions} conditions in one file`));
    draft = undefined;
  };

  for (const line of readLines(text, report)) {
    const [first, ...words] = line.words;
    if (first.text === 'on') {
      finish();
      draft = { first, words, actions: [], ending: [], good: true };
    } else if (draft === undefined) {
      report(errorAt(first, `${first.text.slice(0, 60)}: a condition begins with on`, 'on EVENT … do …'));
    } else {
      readLine(line, draft, report);
    }
  }
  finish();
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { conditions, problems };
}

function readLine({ words: [first, ...words] }: Line, draft: Draft, report: Report): void {
  if (first.text === 'do' || first.text === 'end') {
    const action = readAction(first, words, report);
    if (action !== undefined) draft[first.text === 'do' ? 'actions' : 'ending'].push(action);
  } else if (draft.actions.length + draft.ending.length > 0) {
    const hint = didYouMean(first.text, ['do', 'end', 'on']) ?? 'the next condition begins with on';
    report(errorAt(first, `${first.text.slice(0, 60)}: do, end or on was expected`, hint));
  } else {
    draft.words.push(first, ...words);
  }
}

function conditionOf({ first, words, actions, ending, good }: Draft, report: Report): Condition | undefined {
  const on = readExpression(first, words, report);
  if (on === undefined || !good) return undefined;
  if (ending.length > 0 && !isState(on)) {
    const message = 'end: this condition has no end, since an event happens and is over';
    report(errorAt(ending[0]!, message, 'write from EVENT until EVENT'));
  } else if (actions.length + ending.length === 0) {
    report(errorAt(first, 'nothing follows this condition', 'do ifup eth0'));
  } else {
    return { line: first.line, column: first.column, on, actions, ending };
  }
  return undefined;
}
