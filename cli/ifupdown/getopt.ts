/** getopt_long(3): its rules, and its messages, which scripts and users know. */
export interface Grammar<Key extends string> {
  /** Long names with what they mean; in order, which messages show. */
  long: readonly (readonly [name: string, argument: 'no' | 'required' | 'optional', key: Key])[];
  /** One letter each. */
  short: Readonly<Record<string, readonly [argument: 'no' | 'required', key: Key]>>;
}

export type Word<Key extends string> =
  | { option: Key; value: string | undefined }
  | { operand: string }
  | { error: string };

/**
 * The words of a command line, options first among them as they come: long names may be shortened to what is unique,
 * operands may stand anywhere unless POSIXLY_CORRECT is set, `--` ends the options. An error is a message, and reading
 * may go on.
 */
export function* getopt<Key extends string>(
  argv: readonly string[],
  grammar: Grammar<Key>,
  posix = process.env.POSIXLY_CORRECT !== undefined,
): Generator<Word<Key>> {
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      for (const operand of words.splice(0)) yield { operand };
    } else if (word.startsWith('--')) {
      yield readLong(word, words, grammar);
    } else if (word.startsWith('-') && word.length > 1) {
      yield* readShort(word, words, grammar);
    } else {
      yield { operand: word };
      if (posix) for (const operand of words.splice(0)) yield { operand };
    }
  }
}

function readLong<Key extends string>(word: string, words: string[], { long }: Grammar<Key>): Word<Key> {
  const at = word.indexOf('=');
  const name = word.slice(2, at < 0 ? undefined : at);
  const exact = long.filter(([known]) => known === name);
  const found = exact.length > 0 ? exact : long.filter(([known]) => known.startsWith(name));
  if (found.length > 1) {
    const possibilities = found.map(([known]) => ` '--${known}'`).join('');
    return { error: `option '${word}' is ambiguous; possibilities:${possibilities}` };
  }
  const option = found[0];
  if (option === undefined) return { error: `unrecognized option '--${name}'` };
  const [known, argument, key] = option;
  const own = at < 0 ? undefined : word.slice(at + 1);
  if (argument === 'no' && own !== undefined) {
    return { error: `option '--${known}' doesn't allow an argument` };
  }
  const value = argument === 'required' ? (own ?? words.shift()) : own;
  if (argument === 'required' && value === undefined) {
    return { error: `option '--${known}' requires an argument` };
  }
  return { option: key, value };
}

function* readShort<Key extends string>(
  word: string,
  words: string[],
  { short }: Grammar<Key>,
): Generator<Word<Key>> {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const known = Object.hasOwn(short, letter) ? short[letter] : undefined;
    if (known === undefined) {
      yield { error: `invalid option -- '${letter}'` };
      continue;
    }
    const [argument, key] = known;
    if (argument === 'no') {
      yield { option: key, value: undefined };
      continue;
    }
    const value = at + 1 < word.length ? word.slice(at + 1) : words.shift();
    yield value === undefined
      ? { error: `option requires an argument -- '${letter}'` }
      : { option: key, value };
    return;
  }
}
