import { format } from '../../plugins/network-file/language/format.ts';
import { parse } from '../../plugins/network-file/language/parser.ts';
import { Problems } from '../../plugins/network-file/language/problem.ts';
import { Source } from '../../plugins/network-file/language/source.ts';
import { quotedText } from '../../plugins/network-file/language/syntax.ts';

/** Something of the network file as it is to be written: a block with its options and inner blocks. */
export interface Written {
  head: string;
  /** Each without its semicolon. */
  options: string[];
  inner?: Written[];
  /** Lines above it. */
  comments?: string[];
}

/** The text of a network file, in its usual form. */
export function textOf(header: readonly string[], blocks: readonly Written[]): string {
  const text = [...header.map(line => `# ${line}`), '', ...blocks.flatMap(linesOf)].join('\n');
  return format(parse(new Source('', `${text}\n`), new Problems()));
}

/** As a value: in quotes, but for what is plainly a word. */
export function valueText(text: string): string {
  return /^[A-Za-z0-9_.:+%@,=-]+$/.test(text) ? text : quotedText(text);
}

function linesOf({ head, options, inner = [], comments = [] }: Written): string[] {
  return [
    ...comments.map(line => `# ${line}`),
    // Of one option a line is enough.
    ...(inner.length === 0 && options.length === 1
      ? [`${head} { ${options[0]}; }`]
      : [`${head} {`, ...inner.flatMap(linesOf), ...options.map(option => `${option};`), '}']),
  ];
}
