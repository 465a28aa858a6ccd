import type { Comment } from './lexer.ts';
import { type Block, type Item, type Option, type SyntaxFile, valueText } from './syntax.ts';

/** Columns that a block on one line may have. */
const widest = 100;

/**
 * A file in its usual form: an option a line with its semicolon, two blanks deep; what stood on one line stays there
 * where it fits. Comments are kept, and empty lines stand between blocks. Parsing the text gives the same file.
 */
export function format({ items, closing }: SyntaxFile): string {
  const lines: string[] = [];
  for (const [at, item] of items.entries()) {
    const before = items[at - 1];
    if (before !== undefined && isApart(before, item)) lines.push('');
    lines.push(...linesOf(item));
  }
  if (closing.length > 0 && items.length > 0) lines.push('');
  lines.push(...commentLines(closing));
  return lines.map(line => `${line}\n`).join('');
}

/** What has more than one line stands apart, and what stood so. */
function isApart(before: Item, item: Item): boolean {
  return item.spaced || item.comments.length > 0 || !(isShort(before) && isShort(item));
}

function isShort(item: Item): boolean {
  return item.kind === 'option' || linesOf({ ...item, comments: [] }).length === 1;
}

function linesOf(item: Item): string[] {
  const lines = commentLines(item.comments);
  if (item.kind === 'option') {
    lines.push(`${optionText(item)};${trailingText(item.trailing)}`);
    return lines;
  }
  const short = shortText(item);
  if (short !== undefined) {
    lines.push(`${short}${trailingText(item.trailing)}`);
    return lines;
  }
  lines.push(`${headText(item)} {${trailingText(item.opening)}`);
  for (const [at, inner] of item.items.entries()) {
    const before = item.items[at - 1];
    if (before !== undefined && (inner.spaced || (before.kind === 'block' && !isShort(before))))
      lines.push('');
    lines.push(...indented(linesOf(inner)));
  }
  lines.push(...indented(commentLines(item.closing)), `}${trailingText(item.trailing)}`);
  return lines;
}

/** On one line, where it stood so, fits, and has no comment within. */
function shortText(block: Block): string | undefined {
  if (!block.oneLine || block.opening.length > 0 || block.closing.length > 0) return undefined;
  const inner: string[] = [];
  for (const item of block.items) {
    if (item.kind !== 'option' || item.comments.length > 0 || item.trailing.length > 0) return undefined;
    inner.push(` ${optionText(item)};`);
  }
  const text = `${headText(block)} {${inner.join('')} }`;
  return text.length <= widest ? text : undefined;
}

function headText({ keyword, name }: Block): string {
  return name === undefined ? keyword : `${keyword} ${valueText(name)}`;
}

function optionText({ not, keyword, values }: Option): string {
  return [...(not === undefined ? [] : ['not']), keyword, ...values.map(valueText)].join(' ');
}

function commentLines(comments: readonly Comment[]): string[] {
  const first = comments.findIndex(({ text }) => text !== '');
  return comments.slice(Math.max(first, 0)).flatMap(({ text }) => text.split('\n').map(commentLine));
}

/** Further lines of one comment are set below its beginning, as deep as it is. */
function commentLine(line: string, at: number): string {
  const text = line.trim();
  if (at === 0 || text === '') return text;
  return text.startsWith('*') ? ` ${text}` : `   ${text}`;
}

/** A comment that goes on over several lines begins behind the item, and ends where it did. */
function trailingText(comments: readonly Comment[]): string {
  return comments.map(({ text }) => ` ${text}`).join('');
}

function indented(lines: readonly string[]): string[] {
  return lines.map(line => (line === '' ? '' : `  ${line}`));
}
