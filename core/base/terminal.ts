import type { WriteStream } from 'node:tty';

/** Control, format (bidirectional overrides) and separator characters, and halves of a surrogate pair. */
const unprintable = () => /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** What most texts are: the tables of Unicode take a millisecond to make, so they are not asked for these. */
const plain = /^[\x20-\x7e\u2192\u2026]*$/;

const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' };

/**
 * Text of others (event data, script names, error messages) as it may go to a terminal: nothing in it moves the
 * cursor, changes colours or hides what stands beside it. A backslash stays as it is.
 */
export function visible(text: string): string {
  return plain.test(text) ? text : text.replace(unprintable(), escaped);
}

/** As `visible`, for the output of a script: its lines stay lines and its tabs stay tabs. */
export function visibleLines(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(unprintable(), character =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

function escaped(character: string): string {
  const known = short[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** SGR codes (ECMA-48, 8.3.117). */
const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;

export type Colour = keyof typeof codes;

/** Paints a text; a painter without colours returns it as it is. */
export type Painter = (colour: Colour, text: string) => string;

export function painter(on: boolean): Painter {
  return on ? (colour, text) => `\x1b[${codes[colour]}m${text}\x1b[0m` : (_, text) => text;
}

/** Colours only on a terminal that has them, and not where NO_COLOR is set (no-color.org). */
export function hasColours(stream: Pick<WriteStream, 'isTTY'>, environment = process.env): boolean {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
}
