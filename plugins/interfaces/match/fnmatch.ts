import { type Item, itemsMatch } from '../../../core/base/glob.ts';

/**
 * fnmatch(3) in the C locale, without flags or with FNM_EXTMATCH: `*`, `?`, `[a-z]`, `[!a-z]`, `[[:alpha:]]`, `\x`; with
 * `extended` also `?(a|b)`, `*(a|b)`, `+(a|b)`, `@(a|b)`, `!(a|b)`. In TypeScript, so that a client that reads a
 * pattern starts without the door to libc; a test compares it with libc's own.
 */
export function fnmatch(pattern: string, text: string, { extended = false } = {}): boolean {
  return extended && /[?*+@!]\(/.test(pattern)
    ? matchExtended(pattern, text)
    : itemsMatch(itemsOf(pattern), text);
}

function itemsOf(pattern: string): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < pattern.length; ) {
    const { item, next } = itemAt(pattern, at);
    items.push(item);
    at = next;
  }
  return items;
}

const any = () => true;
const never = () => false;

function itemAt(pattern: string, at: number): { item: Item; next: number } {
  const character = pattern.charAt(at);
  if (character === '*') return { item: '*', next: at + 1 };
  if (character === '?') return { item: any, next: at + 1 };
  if (character === '[') {
    const bracket = bracketAt(pattern, at);
    if (bracket !== undefined) return bracket;
  }
  if (character === '\\') {
    // A backslash at the end matches nothing.
    if (at + 1 >= pattern.length) return { item: never, next: at + 1 };
    const literal = pattern.charAt(at + 1);
    return { item: other => other === literal, next: at + 2 };
  }
  return { item: other => other === character, next: at + 1 };
}

/** POSIX character classes over ASCII: what isalpha(3) and its like say in the C locale. */
const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t-\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** A bracket expression; undefined where the bracket stands for itself: one that is never closed. */
function bracketAt(pattern: string, open: number): { item: Item; next: number } | undefined {
  let at = open + 1;
  const negated = pattern[at] === '!' || pattern[at] === '^';
  if (negated) at++;
  const tests: ((character: string) => boolean)[] = [];
  for (let first = true; first || pattern[at] !== ']'; first = false) {
    if (at >= pattern.length) return undefined;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 16));
    if (named !== null) {
      const set = classes[named[1] ?? ''];
      if (set === undefined) return { item: never, next: pattern.length };
      tests.push(character => set.test(character));
      at += named[0].length;
      continue;
    }
    const from = elementAt(pattern, at);
    if (from === undefined) return undefined;
    at = from.next;
    if (pattern[at] === '-' && pattern[at + 1] !== ']' && at + 1 < pattern.length) {
      const to = elementAt(pattern, at + 1);
      if (to === undefined) return undefined;
      at = to.next;
      tests.push(character => character >= from.character && character <= to.character);
    } else {
      tests.push(character => character === from.character);
    }
  }
  return { item: character => tests.some(test => test(character)) !== negated, next: at + 1 };
}

function elementAt(pattern: string, at: number): { character: string; next: number } | undefined {
  const escaped = pattern[at] === '\\';
  const character = pattern[escaped ? at + 1 : at];
  return character === undefined ? undefined : { character, next: at + (escaped ? 2 : 1) };
}

/** Recursive, with what was found out remembered: interface names and lines of sysfs are short. */
function matchExtended(pattern: string, text: string, known = new Map<string, boolean>()): boolean {
  const key = `${pattern.length}\0${pattern}\0${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const result = matchHere(pattern, text, known);
  known.set(key, result);
  return result;
}

function matchHere(pattern: string, text: string, known: Map<string, boolean>): boolean {
  if (pattern === '') return text === '';
  const group = groupAt(pattern);
  if (group !== undefined) return matchGroup(group, text, known);
  const { item, next } = itemAt(pattern, 0);
  const rest = pattern.slice(next);
  if (item !== '*') return text !== '' && item(text.charAt(0)) && matchExtended(rest, text.slice(1), known);
  for (let at = 0; at <= text.length; at++) if (matchExtended(rest, text.slice(at), known)) return true;
  return false;
}

interface Group {
  kind: string;
  choices: string[];
  rest: string;
  whole: string;
}

function matchGroup(
  { kind, choices, rest, whole }: Group,
  text: string,
  known: Map<string, boolean>,
): boolean {
  if ((kind === '?' || kind === '*') && matchExtended(rest, text, known)) return true;
  for (let at = 0; at <= text.length; at++) {
    const head = text.slice(0, at);
    const tail = text.slice(at);
    const one = choices.some(choice => matchExtended(choice, head, known));
    if (kind === '!') {
      if (!one && matchExtended(rest, tail, known)) return true;
      continue;
    }
    if (!one) continue;
    if (matchExtended(rest, tail, known)) return true;
    const again = kind === '*' || kind === '+';
    if (again && at > 0 && matchExtended(`*${whole.slice(1)}${rest}`, tail, known)) return true;
  }
  return false;
}

/** `@(a|b)` at the beginning; groups may stand in groups. */
function groupAt(pattern: string): Group | undefined {
  const kind = pattern.charAt(0);
  if (!'?*+@!'.includes(kind) || pattern[1] !== '(') return undefined;
  const choices: string[] = [];
  let depth = 0;
  let begin = 2;
  for (let at = 1; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at++;
    else if (character === '[') at = Math.max(at, (bracketAt(pattern, at)?.next ?? at + 1) - 1);
    else if (character === '(') depth++;
    else if (character === '|' && depth === 1) {
      choices.push(pattern.slice(begin, at));
      begin = at + 1;
    } else if (character === ')' && --depth === 0) {
      choices.push(pattern.slice(begin, at));
      return { kind, choices, rest: pattern.slice(at + 1), whole: pattern.slice(0, at + 1) };
    }
  }
  return undefined;
}
