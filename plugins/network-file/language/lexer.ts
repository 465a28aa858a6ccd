import type { Problems } from './problem.ts';
import type { Source } from './source.ts';

/** `word`: a name, number, address; `string`: a text in double quotes, without them; else the sign itself. */
export type TokenKind = 'word' | 'string' | '{' | '}' | ';' | '/' | 'end';

export interface Comment {
  /** As written, with its signs, without the end of its line; empty for empty lines behind a comment. */
  text: string;
  /** It stands behind something on its line. */
  trails: boolean;
}

export const noComments: readonly Comment[] = [];
const empty: Comment = { text: '', trails: false };
/** Characters of a word, and of a text in quotes: a command can be long. */
const longestWord = 255;
const longestText = 4000;

/**
 * Takes a text apart, one token at a time: `#`, `//` and `/*` begin comments, blanks and lines only part words. Its fields
 * are those of the token that it stands on; nothing is made for tokens that nobody keeps.
 */
export class Lexer {
  readonly source: Source;
  kind: TokenKind = 'end';
  /** A word, or a text without its quotes. */
  text = '';
  start = 0;
  end = 0;
  /** A line ends between the token before and this one. */
  breaks = false;
  /** An empty line stands before it, or before its comments. */
  spaced = false;
  /** Between the token before and this one. */
  comments: readonly Comment[] = noComments;
  readonly #text: string;
  readonly #problems: Problems;
  #at = 0;
  /** Something stands on this line already. */
  #lineBegun = false;

  constructor(source: Source, problems: Problems) {
    this.source = source;
    this.#text = source.text;
    this.#problems = problems;
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1;
    this.advance();
  }

  /** Goes to the next token; at the end it stays there. */
  advance(): void {
    const text = this.#text;
    let comments: Comment[] | undefined;
    let lines = 0;
    // A comment on a line of its own has been met.
    let isBelow = false;
    this.breaks = this.#at === 0;
    this.spaced = false;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === newline) {
        lines++;
        this.breaks = true;
        this.#lineBegun = false;
        this.#at++;
      } else if (code === blank || code === tab || code === carriageReturn) {
        this.#at++;
      } else if (code === hash || (code === slash && isCommentSign(text.charCodeAt(this.#at + 1)))) {
        const comment = this.#comment();
        comments ??= [];
        if (isBelow) {
          if (lines > 1) comments.push(empty);
        } else if (!comment.trails) {
          isBelow = true;
          this.spaced = lines > 1;
        }
        comments.push(comment);
        lines = 0;
      } else if (this.#token(code)) {
        if (isBelow) {
          if (lines > 1) comments?.push(empty);
        } else {
          this.spaced = lines > 1;
        }
        this.comments = comments ?? noComments;
        this.#lineBegun = true;
        return;
      }
    }
  }

  /** Does `NAME {` or `{` follow the token? */
  get opensBlock(): boolean {
    braceAhead.lastIndex = this.#at;
    return braceAhead.test(this.#text);
  }

  #comment(): Comment {
    const start = this.#at;
    const trails = this.#lineBegun;
    const isBlock = this.#text.charCodeAt(start) === slash && this.#text.charCodeAt(start + 1) === star;
    if (isBlock) {
      const close = this.#text.indexOf('*/', start + 2);
      if (close < 0)
        this.#problems.error(this.#place(start, start + 2), 'this comment has no end', 'it ends with */');
      this.#at = close < 0 ? this.#text.length : close + 2;
    } else {
      const end = this.#text.indexOf('\n', start);
      this.#at = end < 0 ? this.#text.length : end;
    }
    return { text: this.#text.slice(start, this.#at).trimEnd(), trails };
  }

  /** False for a character that is none of the language: it is told, and passed over. */
  #token(code: number): boolean {
    const start = this.#at;
    this.start = start;
    const sign = signs[code];
    if (sign !== undefined) {
      this.#at++;
      this.kind = sign;
      this.text = sign;
    } else if (code === quote) {
      this.kind = 'string';
      this.text = this.#string();
    } else if (Number.isNaN(code)) {
      // Past the end charCodeAt is not a number.
      this.kind = 'end';
      this.text = '';
    } else if (code < blank || code === del) {
      this.#at++;
      const number = code.toString(16).padStart(4, '0');
      this.#problems.error(
        this.#place(start, this.#at),
        `the control character U+${number}: this is no text`,
      );
      return false;
    } else {
      let at = start + 1;
      while (isOfWord(this.#text.charCodeAt(at))) at++;
      this.#at = at;
      this.kind = 'word';
      this.text = this.#text.slice(start, at);
      if (at - start > longestWord)
        this.#problems.error(this.#place(start, start + 1), `a word of more than ${longestWord} characters`);
    }
    this.end = this.#at;
    return true;
  }

  /** From quote to quote on one line; `\"` and `\\` stand for these two signs. */
  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let value = '';
    let from = start + 1;
    for (let at = from; ; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.#at = at + 1;
        value += text.slice(from, at);
        break;
      }
      if (
        code === backslash &&
        (text.charCodeAt(at + 1) === quote || text.charCodeAt(at + 1) === backslash)
      ) {
        value += text.slice(from, at) + text[at + 1];
        at++;
        from = at + 1;
      } else if (Number.isNaN(code) || code === newline) {
        this.#at = at;
        value += text.slice(from, at).trimEnd();
        this.#problems.error(
          this.#place(start, start + 1),
          'this text in quotes has no end',
          'it ends with " on the same line',
        );
        break;
      } else if ((code < blank && code !== tab) || code === del) {
        this.#problems.error(this.#place(at, at + 1), 'a control character in a text in quotes');
      }
    }
    if (value.length > longestText)
      this.#problems.error(this.#place(start, start + 1), `a text of more than ${longestText} characters`);
    return value;
  }

  #place(start: number, end: number) {
    return { source: this.source, start, end };
  }
}

const tab = 9;
const newline = 10;
const carriageReturn = 13;
const blank = 32;
const quote = 34;
const hash = 35;
const star = 42;
const slash = 47;
const backslash = 92;
const del = 127;

const signs: Readonly<Record<number, '{' | '}' | ';' | '/'>> = { 123: '{', 125: '}', 59: ';', [slash]: '/' };

function isCommentSign(code: number): boolean {
  return code === slash || code === star;
}

/** 1 for each sign below 128 that ends a word. */
const ends = new Uint8Array(128).fill(1, 0, blank + 1);
for (const code of [quote, hash, del, ...Object.keys(signs).map(Number)]) ends[code] = 1;

function isOfWord(code: number): boolean {
  return code < 128 ? ends[code] === 0 : code >= 128;
}

/** As much of what follows as a block's head needs, without comments. */
const braceAhead = /\s*(?:"[^"\n]{0,4000}"|[^\s{};"#]{0,255})\s*\{/y;
