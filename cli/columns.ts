import { stripVTControlCharacters } from 'node:util';
import { onTerminal } from './output.ts';

/**
 * Rows as aligned lines. The last column is not padded; on a terminal of `width` characters it goes on below itself
 * rather than at the line's beginning.
 */
export function columns(
  rows: readonly (readonly string[])[],
  width = onTerminal() ? process.stdout.columns : undefined,
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, lengthOf(cell));
  }
  return rows.flatMap(row => {
    const head = row
      .slice(0, -1)
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - lengthOf(cell) + 2));
    const indent = head.reduce((sum, cell) => sum + lengthOf(cell), 0);
    const last = wrap(row.at(-1) ?? '', width === undefined ? Number.POSITIVE_INFINITY : width - indent);
    return last.map((line, at) => (at === 0 ? head.join('') + line : ' '.repeat(indent) + line).trimEnd());
  });
}

/** Characters that a terminal shows, colours apart. */
function lengthOf(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}

const narrowest = 20;

/** At blanks where there are some; a text without them (a path) is left whole, to be copied. */
function wrap(text: string, width: number): string[] {
  if (width < narrowest || lengthOf(text) <= width) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || lengthOf(line) + 1 + lengthOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
