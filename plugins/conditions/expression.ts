import { isEventName } from 'netconf/plugin';
import { didYouMean } from '../../core/base/text/near.ts';
import { errorAt, type Position, type Report } from '../../core/base/text/problem.ts';
import { type Expression, isState, type Pattern, type Word } from './model.ts';

const keywords = ['and', 'or', 'not', 'unless', 'from', 'until', '(', ')'];
const mostWords = 1000;
const deepest = 32;

/** Reads what follows `on`. Undefined, and one problem, where it is none. */
export function readExpression(on: Word, words: readonly Word[], report: Report): Expression | undefined {
  try {
    return new Reader(on, words).whole();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    report(errorAt(error.place, error.message, error.hint));
    return undefined;
  }
}

class Fault extends Error {
  readonly place: Position;
  readonly hint: string | undefined;

  constructor(place: Position, message: string, hint?: string) {
    super(message);
    this.place = place;
    this.hint = hint;
  }
}

class Reader {
  readonly #words: Word[];
  #last: Word;
  #depth = 0;

  constructor(on: Word, words: readonly Word[]) {
    this.#last = on;
    this.#words = words.flatMap(splitBrackets);
    if (this.#words.length > mostWords) throw new Fault(on, `more than ${mostWords} words in one condition`);
  }

  whole(): Expression {
    const expression = this.#expression();
    const rest = this.#words[0];
    if (rest === undefined) return expression;
    const hint =
      rest.text === ')' ? undefined : (didYouMean(rest.text, keywords) ?? 'put and or or between events');
    throw new Fault(rest, `${rest.text.slice(0, 60)} was not expected here`, hint);
  }

  #expression(): Expression {
    if (++this.#depth > deepest) throw new Fault(this.#last, `brackets deeper than ${deepest}`);
    const all = [this.#term()];
    while (this.#take('or')) all.push(this.#term());
    this.#depth--;
    return all.length === 1 ? all[0]! : { kind: 'or', all };
  }

  #term(): Expression {
    const all = [this.#factor()];
    for (;;) {
      if (this.#take('and')) all.push(this.#factor());
      else if (this.#take('unless')) all.push(this.#not());
      else return all.length === 1 ? all[0]! : { kind: 'and', all };
    }
  }

  #factor(): Expression {
    if (this.#take('not')) return this.#not();
    if (this.#take('(')) {
      const inside = this.#expression();
      if (!this.#take(')')) throw new Fault(this.#words[0] ?? this.#last, 'a ) is missing');
      return inside;
    }
    if (!this.#take('from')) return { kind: 'event', event: this.#event() };
    const from = this.#event();
    if (!this.#take('until')) throw new Fault(this.#words[0] ?? this.#last, 'until was expected');
    return { kind: 'span', from, until: this.#event() };
  }

  /** An event happens and is over: that it has not happened says nothing. */
  #not(): Expression {
    if (++this.#depth > deepest) throw new Fault(this.#last, `brackets deeper than ${deepest}`);
    const place = this.#words[0] ?? this.#last;
    const what = this.#factor();
    this.#depth--;
    if (isState(what)) return { kind: 'not', what };
    throw new Fault(place, 'only what holds for a while can be denied', 'write from EVENT until EVENT');
  }

  #event(): Pattern {
    const word = this.#words.shift();
    if (word === undefined) throw new Fault(this.#last, 'the name of an event was expected');
    this.#last = word;
    // The glob as a name: with a letter for each wildcard.
    if (keywords.includes(word.text) || !isEventName(word.text.replaceAll(/[*?]/g, 'x')))
      throw new Fault(word, `${word.text.slice(0, 64)} is not the name of an event`);
    const where: { key: string; glob: string }[] = [];
    for (let next = this.#words[0]; next?.text.includes('='); next = this.#words[0]) {
      const [, key, glob] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(next.text) ?? [];
      if (key === undefined) throw new Fault(next, `${next.text.slice(0, 60)} is not KEY=GLOB`);
      where.push({ key, glob: glob! });
      this.#last = next;
      this.#words.shift();
    }
    return { line: word.line, column: word.column, name: word.text, where };
  }

  #take(keyword: string): boolean {
    if (this.#words[0]?.text !== keyword) return false;
    this.#last = this.#words.shift()!;
    return true;
  }
}

/** Brackets need no blanks around them; but those of a glob belong to it. */
function splitBrackets(word: Word): Word[] {
  if (word.text.includes('=')) {
    const [, text, closing] = /^(.*?)(\)*)$/s.exec(word.text)!;
    return [
      { ...word, text: text! },
      ...Array.from(closing!, (bracket, at) => ({
        ...word,
        text: bracket,
        column: word.column + text!.length + at,
      })),
    ];
  }
  return [...word.text.matchAll(/[()]|[^()]+/g)].map(({ 0: text, index }) => ({
    ...word,
    text,
    column: word.column + index,
  }));
}
