// Longer than other files: one descent, whose functions call each other, and the ways back from what does not fit.
import { didYouMean } from '../../../core/base/text/near.ts';
import { type BlockRule, blockRule, type OptionRule, outermost, ownersOf } from './grammar.ts';
import { type Comment, Lexer, noComments, type TokenKind } from './lexer.ts';
import type { Problems } from './problem.ts';
import type { Place, Source } from './source.ts';
import {
  type Block,
  type Item,
  type Option,
  type Part,
  plainText,
  type SyntaxFile,
  type Value,
} from './syntax.ts';

/** Blocks and options of a file: more has no network. */
const mostItems = 200_000;

/**
 * Reads a file by recursive descent over the table of `grammar.ts`. What does not fit is told, and passed over up to where
 * something known begins: all mistakes of a file are found at once. Never throws.
 */
export function parse(source: Source, problems: Problems): SyntaxFile {
  return new Parser(source, problems).file();
}

class Parser {
  readonly #source: Source;
  readonly #problems: Problems;
  readonly #token: Lexer;
  /** Comments of tokens that were taken, and belong to no item yet. */
  #pending: readonly Comment[] = noComments;
  #items = 0;

  constructor(source: Source, problems: Problems) {
    this.#source = source;
    this.#problems = problems;
    this.#token = new Lexer(source, problems);
  }

  file(): SyntaxFile {
    const items: Item[] = [];
    for (;;) {
      this.#itemsInto(items, outermost, 'file');
      if (this.#token.kind === 'end') break;
      this.#error(this.#here(), 'nothing is open that this could close');
      this.#take();
    }
    this.#take();
    return { items, closing: this.#comments() };
  }

  /** Up to a closing brace or the end, which are left, or to what only an outer block has. */
  #itemsInto(items: Item[], rule: BlockRule, within: string): void {
    const token = this.#token;
    for (;;) {
      if (token.kind === 'end' || token.kind === '}') return;
      if (token.kind === ';') {
        this.#take();
        continue;
      }
      if (++this.#items > mostItems || this.#problems.isFull) {
        if (this.#items === mostItems + 1)
          this.#error(this.#here(), `more than ${mostItems} blocks and options: the rest is not read`);
        while (this.#token.kind !== 'end') this.#take();
        return;
      }
      if (within !== 'file' && token.breaks && this.#beginsOuter(rule)) return;
      const item = this.#item(rule, within);
      if (item !== undefined) items.push(item);
    }
  }

  #item(rule: BlockRule, within: string): Item | undefined {
    const token = this.#token;
    const { spaced } = token;
    const not = token.kind === 'word' && token.text === 'not' ? this.#here() : undefined;
    if (not !== undefined) this.#take();
    if (token.kind === 'word') {
      const option = rule.options.get(token.text);
      if (option !== undefined && !(blockRule(token.text) !== undefined && token.opensBlock))
        return this.#option(option, rule, not, spaced);
      const inner = rule.blocks.includes(token.text) ? blockRule(token.text) : undefined;
      if (inner !== undefined) {
        if (not !== undefined) this.#error(not, `not before ${token.text}: only options can be reversed`);
        return this.#block(inner, spaced);
      }
    }
    this.#unknown(rule, within);
    return undefined;
  }

  #option(option: OptionRule, rule: BlockRule, not: Place | undefined, spaced: boolean): Option {
    const token = this.#token;
    const { start, end } = token;
    this.#take();
    let comments = this.#comments();
    const values = this.#values(option, rule, start, end);
    if (token.kind === ';') this.#take();
    if (this.#pending.length > 0) comments = [...comments, ...this.#comments()];
    return {
      kind: 'option',
      rule: option,
      keyword: option.name,
      source: this.#source,
      start,
      end,
      spaced,
      not,
      values,
      comments,
      trailing: this.#trailing(),
    };
  }

  #values(
    { shape, name, expects }: OptionRule,
    rule: BlockRule,
    start: number,
    end: number,
  ): readonly Value[] {
    const token = this.#token;
    if (shape === 'none') return noValues;
    if (shape === 'direction') {
      const isOne = token.kind === 'word' && (token.text === 'incoming' || token.text === 'outgoing');
      return isOne ? [this.#value()] : noValues;
    }
    if (shape === 'text') return token.kind === 'string' ? [this.#value()] : noValues;
    if (shape === 'number')
      return token.kind === 'word' && /^\d/.test(token.text) ? [this.#value()] : noValues;
    const values: Value[] = [];
    for (let wanted = shape === 'pair' ? 2 : 1; wanted > 0; wanted--) {
      if (this.#hasValue(rule)) {
        values.push(this.#value());
      } else {
        this.#error({ source: this.#source, start, end }, `${name} needs a value: ${expects ?? 'a text'}`);
        break;
      }
    }
    return values;
  }

  #block(rule: BlockRule, spaced: boolean): Block {
    const token = this.#token;
    const { errors } = this.#problems;
    const block: Block = {
      kind: 'block',
      keyword: rule.keyword,
      source: this.#source,
      start: token.start,
      end: token.end,
      spaced,
      name: undefined,
      items: [],
      flawed: false,
      oneLine: true,
      comments: noComments,
      trailing: noComments,
      opening: noComments,
      closing: noComments,
    };
    this.#take();
    block.name = this.#name(block, rule);
    const { kind } = token;
    const brace = this.#here();
    if (kind === '{') this.#take();
    block.comments = this.#comments();
    if (kind === '{') {
      block.opening = this.#trailing();
      this.#itemsInto(block.items, rule, rule.keyword);
      this.#close(block, brace);
    } else {
      this.#error(brace, `${this.#shown()}: { was expected after ${rule.keyword}`);
      this.#recover(outermost);
    }
    block.flawed = this.#problems.errors > errors;
    block.trailing = this.#trailing();
    return block;
  }

  #close(block: Block, brace: Place): void {
    const token = this.#token;
    if (token.kind !== '}') {
      const name = block.name === undefined ? '' : ` "${plainText(block.name)}"`;
      this.#error(brace, `this block of ${block.keyword}${name} has no end`, 'a } is missing');
      return;
    }
    const newline = this.#source.text.indexOf('\n', brace.end);
    block.oneLine = newline < 0 || newline > token.start;
    this.#take();
    block.closing = this.#comments();
    if (this.#is(';') && !token.breaks) this.#take();
  }

  #name(block: Block, { name, keyword }: BlockRule): Value | undefined {
    const { kind } = this.#token;
    if (name === 'none') return undefined;
    if (kind === 'word' || kind === 'string') return this.#value();
    const wanted = name === 'text' ? 'a name in quotes' : 'default, a network in quotes, or an address';
    this.#error(block, `${keyword} needs ${wanted}`);
    return undefined;
  }

  #hasValue(rule: BlockRule): boolean {
    const token = this.#token;
    if (token.kind === 'string') return true;
    if (token.kind !== 'word') return false;
    // A known word on the next line is rather the next option than a value.
    return !(token.breaks && this.#isKnown(rule));
  }

  #value(): Value {
    const token = this.#token;
    const { start, text, kind } = token;
    let { end } = token;
    let more: Part[] | undefined;
    this.#take();
    while (token.kind === '/') {
      const slash = this.#here();
      this.#take();
      if (!this.#is('word') && !this.#is('string')) {
        this.#error(slash, 'nothing follows this /');
        break;
      }
      more ??= [];
      more.push({ text: token.text, quoted: this.#is('string') });
      end = token.end;
      this.#take();
    }
    return { source: this.#source, start, end, text, quoted: kind === 'string', more: more ?? noParts };
  }

  /** What no rule of this block begins with: told with what was meant, and passed over. */
  #unknown(rule: BlockRule, within: string): void {
    const token = this.#token;
    const isFile = within === 'file';
    if (token.kind === 'word' && /^[A-Za-z_]/.test(token.text)) {
      const what = isFile ? 'block' : `option of ${within}`;
      this.#error(this.#here(), `unknown ${what}: ${this.#shown()}`, this.#meant(rule));
    } else {
      const wanted = isFile ? rule.blocks.join(', ') : `an option of ${within}`;
      this.#error(this.#here(), `unexpected ${this.#shown()}`, `expected: ${wanted}`);
    }
    if (token.kind !== '{') this.#take();
    this.#recover(rule);
    this.#comments();
  }

  #meant(rule: BlockRule): string | undefined {
    const token = this.#token;
    const owners = blockRule(token.text) === undefined ? ownersOf(token.text) : [];
    if (owners.length > 0) return `it is an option of ${owners.join(' and ')}`;
    // Directly below a comment.
    if (token.breaks && (token.comments.at(-1)?.text ?? '') !== '')
      return 'a comment that goes on needs its sign on each line';
    return didYouMean(token.text, [...rule.options.keys(), ...rule.blocks]);
  }

  /** Passes over what is left of something unknown: to behind a semicolon or a block, or to a known word on a new line. */
  #recover(rule: BlockRule): void {
    const token = this.#token;
    let open = 0;
    for (;;) {
      const { kind } = token;
      if (kind === 'end' || (kind === '}' && open === 0)) return;
      if (open === 0 && token.breaks && kind === 'word' && this.#isKnown(rule)) return;
      this.#take();
      if (kind === '{') open++;
      else if (kind === '}' && --open === 0) return;
      else if (kind === ';' && open === 0) return;
    }
  }

  #isKnown(rule: BlockRule): boolean {
    return rule.options.has(this.#token.text) || rule.blocks.includes(this.#token.text);
  }

  /** Does a word on a new line begin a block that only the file has? Then the end of this one is missing. */
  #beginsOuter(rule: BlockRule): boolean {
    const token = this.#token;
    const isOuter = token.kind === 'word' && outermost.blocks.includes(token.text);
    return isOuter && !rule.blocks.includes(token.text) && token.opensBlock;
  }

  #take(): void {
    const token = this.#token;
    if (token.comments.length > 0) {
      this.#pending = this.#pending.length === 0 ? token.comments : [...this.#pending, ...token.comments];
      token.comments = noComments;
    }
    token.advance();
  }

  /** Comments that were met since the last call. */
  #comments(): readonly Comment[] {
    const comments = this.#pending;
    this.#pending = noComments;
    return comments;
  }

  /** Comments behind what was taken last, on its line. */
  #trailing(): readonly Comment[] {
    const token = this.#token;
    const { comments } = token;
    if (comments.length === 0) return noComments;
    const count = comments.findIndex(({ trails }) => !trails);
    if (count === 0) return noComments;
    token.comments = count < 0 ? noComments : comments.slice(count);
    return count < 0 ? comments : comments.slice(0, count);
  }

  #error(place: Place, message: string, hint?: string): void {
    this.#problems.error(place, message, hint);
  }

  /** Of the token. */
  #here(): Place {
    return { source: this.#source, start: this.#token.start, end: this.#token.end };
  }

  #is(kind: TokenKind): boolean {
    return this.#token.kind === kind;
  }

  #shown(): string {
    const { kind, text } = this.#token;
    if (kind === 'end') return 'the end of the file';
    const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    return kind === 'string' ? `"${short}"` : short;
  }
}

const noValues: readonly Value[] = [];
const noParts: readonly Part[] = [];
