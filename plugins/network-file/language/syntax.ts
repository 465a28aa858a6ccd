import type { OptionRule } from './grammar.ts';
import type { Comment } from './lexer.ts';
import type { Place } from './source.ts';

/** A file as it is written: blocks and options in their order, with all comments. */
export interface SyntaxFile {
  items: Item[];
  /** Behind the last item. */
  closing: readonly Comment[];
}

export type Item = Option | Block;

/** Its place is that of the word that it begins with. */
interface Common extends Place {
  keyword: string;
  /** An empty line stands before it. */
  spaced: boolean;
  /** Before it, and between its words. */
  comments: readonly Comment[];
  /** Behind it on its line. */
  trailing: readonly Comment[];
}

/** `mtu 1500;` */
export interface Option extends Common {
  kind: 'option';
  rule: OptionRule;
  /** Of the word `not` before it. */
  not: Place | undefined;
  values: readonly Value[];
}

/** `network "internal" { … }` */
export interface Block extends Common {
  kind: 'block';
  name: Value | undefined;
  items: Item[];
  /** Something in it could not be read: what seems to be missing may be there. */
  flawed: boolean;
  /** It was written on one line. */
  oneLine: boolean;
  /** Behind the opening brace on its line. */
  opening: readonly Comment[];
  /** Before the closing brace. */
  closing: readonly Comment[];
}

/** A word or a text in quotes, or several with `/` between them: `10.0.0.2/24`, `"internet"/www`. */
export interface Value extends Place {
  text: string;
  quoted: boolean;
  /** Behind each `/`. */
  more: readonly Part[];
}

export interface Part {
  text: string;
  quoted: boolean;
}

/** As it is written. */
export function valueText(value: Value): string {
  return [value, ...value.more].map(({ text, quoted }) => (quoted ? quotedText(text) : text)).join('/');
}

/** Without quotes. */
export function plainText({ text, more }: Value): string {
  return more.length === 0 ? text : [text, ...more.map(part => part.text)].join('/');
}

export function quotedText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
