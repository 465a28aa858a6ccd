import { errorAt, type Position, type Report } from './problem.ts';

export interface Word extends Position {
  text: string;
}

/** A line that says something: its words without the comment. */
export interface Line extends Position {
  words: readonly [Word, ...Word[]];
  /** From the first word to the last, blanks between them as written. */
  text: string;
}

/** Characters that a line may have. */
export const longestLine = 4096;

// A control character, or half of a surrogate pair: nothing that anybody writes into a line of text.
const strange = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\p{Cs}/u;

/** Cuts a text into lines of words. A comment begins with `#`, at the beginning of a line or after a blank. */
export function readLines(text: string, report: Report): Line[] {
  const lines: Line[] = [];
  let number = 0;
  for (const raw of text.replace(/^\ufeff/, '').split('\n')) {
    const line = readLine(raw.replace(/\r$/, ''), ++number, report);
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

function readLine(raw: string, line: number, report: Report): Line | undefined {
  if (raw.length > longestLine) {
    const message = `a line of ${raw.length} characters: ${longestLine} are the most`;
    report(errorAt({ line, column: longestLine + 1 }, message));
    return undefined;
  }
  const said = raw.replace(/(^|[ \t])#.*$/, '').trimEnd();
  const foreign = strange.exec(said);
  if (foreign !== null) {
    const code = foreign[0].codePointAt(0)!.toString(16).padStart(4, '0').toUpperCase();
    report(errorAt({ line, column: foreign.index + 1 }, `a control character (U+${code}) in a line of text`));
    return undefined;
  }
  const [first, ...others] = [...said.matchAll(/[^ \t]+/g)].map(
    ({ 0: word, index }): Word => ({ text: word, line, column: index + 1 }),
  );
  if (first === undefined) return undefined;
  if (said.endsWith('\\')) {
    const message = 'a line cannot be continued on the next one';
    report(errorAt({ line, column: said.length }, message));
    return undefined;
  }
  return { line, column: first.column, words: [first, ...others], text: said.slice(first.column - 1) };
}

/** The rest of a line after its first word, blanks as written; undefined where there is none. */
export function restOf({ words, text, column }: Line): Word | undefined {
  const second = words[1];
  return second === undefined ? undefined : { ...second, text: text.slice(second.column - column) };
}
