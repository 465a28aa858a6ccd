import { readFileSync } from 'node:fs';
import { fnmatch } from './fnmatch.ts';

/** What the kernel has; the seam between patterns and the machine. */
export interface System {
  /** As getifaddrs(3) lists them: a name comes once for its link and once for each address. Only asked for patterns. */
  names(): readonly string[];
  /** A file of /sys/class/net/NAME; undefined where there is none. */
  attribute(name: string, file: string): string | undefined;
}

export function isPattern(word: string): boolean {
  return word.includes('/');
}

/**
 * `[VARIABLE]/VALUE[/[OPTIONS]][=LOGICAL]` of interfaces(5) turned into the interfaces that match, with `=LOGICAL`
 * behind each; other words stand for themselves. Each result once.
 */
export function expandPatterns(words: readonly string[], system: System): string[] {
  const known = words.some(isPattern) ? ordered(system.names()) : [];
  const found = words.flatMap(word => (isPattern(word) ? expandOne(word, known, system) : [word]));
  return [...new Set(found)];
}

function expandOne(word: string, known: readonly string[], system: System): string[] {
  const { variable, pattern, number, logical } = readPattern(word);
  const matching = known.filter(name =>
    variable === ''
      ? fnmatch(pattern, name, { extended: true })
      : attributeMatches(name, variable, pattern, system),
  );
  const chosen = number > 0 ? matching.slice(number - 1, number) : matching;
  return chosen.map(name => (logical === undefined ? name : `${name}=${logical}`));
}

interface Pattern {
  variable: string;
  pattern: string;
  /** The how-manieth match; 0 for all. */
  number: number;
  logical: string | undefined;
}

function readPattern(word: string): Pattern {
  const first = word.indexOf('/');
  const variable = word.slice(0, first);
  const behind = word.slice(first + 1);
  const second = behind.indexOf('/', 0);
  const [beforeSlash, options] =
    second < 0 ? [behind, ''] : [behind.slice(0, second), behind.slice(second + 1)];
  const last = second < 0 ? beforeSlash : options;
  const equals = last.indexOf('=');
  const logical = equals < 0 ? undefined : last.slice(equals + 1);
  const pattern = second < 0 && equals >= 0 ? beforeSlash.slice(0, equals) : beforeSlash;
  return { variable, pattern, number: Number.parseInt(options, 10) || 0, logical };
}

/** ifupdown goes by a name's last place in the list. */
function ordered(names: readonly string[]): string[] {
  return [...new Set([...names].reverse())].reverse();
}

/** Any line of the file; `mac` is the file `address`. For `*` ifupdown takes the interfaces that lack the file. */
function attributeMatches(name: string, variable: string, pattern: string, system: System): boolean {
  const file = variable.toLowerCase() === 'mac' ? 'address' : variable;
  const content = system.attribute(name, file);
  if (pattern === '*') return content === undefined;
  if (content === undefined) return false;
  const lines = content.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.some(line => fnmatch(pattern, line, { extended: true }));
}

export function readAttribute(name: string, file: string): string | undefined {
  try {
    return readFileSync(Buffer.from(`/sys/class/net/${name}/${file}`, 'latin1'), 'latin1');
  } catch {
    return undefined;
  }
}
