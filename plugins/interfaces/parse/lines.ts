import { trimEnd, trimStart } from './text.ts';

/** A line with those that continue it. */
export interface Line {
  text: string;
  /** Number of its last line in the file: the one that ifupdown's messages name. */
  number: number;
}

/**
 * The lines of an interfaces(5) file: blanks around them are gone, a line that begins with `#` is a comment, and a
 * backslash at the very end takes the next line along, blanks and all. A comment is not continued, and what continues
 * a line is no comment. The last line needs no newline, and may end in a backslash. Text after a NUL is lost.
 */
export function* linesOf(content: string): Generator<Line> {
  let at = 0;
  let number = 0;
  const take = (): string => {
    const end = content.indexOf('\n', at);
    const line = content.slice(at, end < 0 ? content.length : end);
    at = end < 0 ? content.length : end + 1;
    number++;
    const nul = line.indexOf('\0');
    return nul < 0 ? line : line.slice(0, nul);
  };
  while (at < content.length) {
    const first = trimStart(take());
    if (first.startsWith('#')) continue;
    const parts = [first];
    while (parts.at(-1)?.endsWith('\\')) {
      const cut = parts.pop()!.slice(0, -1);
      if (cut !== '') parts.push(cut);
      if (at >= content.length && parts.length === 0) return;
      if (at >= content.length) number++;
      const next = at < content.length ? take() : '';
      if (next !== '') parts.push(next);
    }
    yield { text: trimEnd(parts.join('')), number };
  }
}
