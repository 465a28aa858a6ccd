import { extendedRegex } from '../../base/libc/regex.ts';

/**
 * What a list of members wants, in the words of bridge_ports: names, and between `regex` and `noregex` extended regular
 * expressions (regex(7)) that a whole name must match.
 */
export interface Selection {
  /** Those that were named, in their order. */
  readonly names: readonly string[];
  /** Which of these links are wanted, in the order of the list, each once; a named one whether it is there or not. */
  from(links: readonly string[]): string[];
  wants(link: string): boolean;
}

/** Throws an Error that says which expression is none, and why. */
export function selectionOf(words: readonly string[]): Selection {
  const parts: { name?: string; matches: (link: string) => boolean }[] = [];
  let isRegex = false;
  for (const word of words) {
    if (word === 'regex' || word === 'noregex') isRegex = word === 'regex';
    else if (isRegex) parts.push({ matches: compiled(word) });
    else parts.push({ name: word, matches: link => link === word });
  }
  return {
    names: [...new Set(parts.flatMap(({ name }) => name ?? []))],
    from: links => [
      ...new Set(parts.flatMap(({ name, matches }) => (name === undefined ? links.filter(matches) : [name]))),
    ],
    wants: link => parts.some(({ matches }) => matches(link)),
  };
}

/** Those that a list names; what is wrong with it is told to whoever brings its link up. */
export function namesIn(words: readonly string[]): readonly string[] {
  try {
    return selectionOf(words).names;
  } catch {
    return [];
  }
}

function compiled(word: string): (link: string) => boolean {
  if (word.length > longest)
    throw new Error(`the expression ${word.slice(0, 20)}… is longer than ${longest}`);
  const known = compiledBefore.get(word);
  if (known !== undefined) return known;
  try {
    const regex = extendedRegex(`^${word}$`);
    if (compiledBefore.size >= mostKept) compiledBefore.clear();
    compiledBefore.set(word, regex);
    return regex;
  } catch (error) {
    throw new Error(`'${word}' is no regular expression: ${(error as Error).message}`);
  }
}

/** Characters. */
const longest = 256;
/** libc keeps what it has compiled: each once. */
const mostKept = 256;
const compiledBefore = new Map<string, (link: string) => boolean>();
