import { readFileSync } from 'node:fs';
import { fnmatch } from '../match/fnmatch.ts';
import type { Files } from './files.ts';

/**
 * wordexp(3) with WRDE_NOCMD, as `source` and `source-directory` use it: quotes, `~`, `$NAME`, `${NAME}`, and patterns
 * of file names. A pattern that matches nothing stands for itself. Undefined where wordexp refuses: commands, an
 * unquoted `|&;<>(){}`, an open quote. Of `${…}` only names are known, and `${NAME:-word}`.
 */
export function wordexp(text: string, files: Files, environment = process.env): string[] | undefined {
  const words = expand(text, environment);
  return words?.flatMap(word => globbed(word, files));
}

/** A word with each character that was quoted behind a backslash. */
type Pattern = string;

function expand(text: string, environment: NodeJS.ProcessEnv): Pattern[] | undefined {
  const words: Pattern[] = [];
  let word: string | undefined;
  let at = 0;
  const add = (more: string) => {
    word = (word ?? '') + more;
  };
  const end = () => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === ' ' || character === '\t') {
      end();
      at++;
    } else if ('|&;<>(){}\n`'.includes(character)) {
      return undefined;
    } else if (character === "'") {
      const close = text.indexOf("'", at + 1);
      if (close < 0) return undefined;
      add(quoted(text.slice(at + 1, close)));
      at = close + 1;
    } else if (character === '"') {
      const part = inQuotes(text, at + 1, environment);
      if (part === undefined) return undefined;
      add(quoted(part.value));
      at = part.next;
    } else if (character === '\\') {
      if (at + 1 < text.length) add(`\\${text.charAt(at + 1)}`);
      at += 2;
    } else if (character === '$') {
      const part = parameter(text, at, environment);
      if (part === undefined) return undefined;
      // What a variable holds is split at blanks, and its patterns count.
      for (const [index, piece] of part.value.split(/[ \t\n]+/).entries()) {
        if (index > 0) end();
        if (piece !== '') add(piece);
      }
      at = part.next;
    } else if (character === '~' && word === undefined) {
      const name = /^~([A-Za-z0-9_.-]*)/.exec(text.slice(at, at + 64))?.[1] ?? '';
      add(quoted(homeOf(name, environment) ?? `~${name}`));
      at += 1 + name.length;
    } else {
      add(character);
      at++;
    }
  }
  end();
  return words;
}

function quoted(text: string): Pattern {
  return text.replace(/[*?[\]\\]/g, '\\$&');
}

interface Part {
  value: string;
  next: number;
}

function inQuotes(text: string, begin: number, environment: NodeJS.ProcessEnv): Part | undefined {
  let value = '';
  for (let at = begin; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') return { value, next: at + 1 };
    if (character === '`') return undefined;
    if (character === '\\' && '$`"\\'.includes(text.charAt(at + 1) || ' ')) {
      value += text.charAt(++at);
    } else if (character === '$') {
      const part = parameter(text, at, environment);
      if (part === undefined) return undefined;
      value += part.value;
      at = part.next - 1;
    } else {
      value += character;
    }
  }
  return undefined;
}

/** At a `$`. One that no name follows stands for itself. */
function parameter(text: string, at: number, environment: NodeJS.ProcessEnv): Part | undefined {
  const rest = text.slice(at, at + 4096);
  const [whole, plain, braced, otherwise] =
    /^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^${}`'"\\]*))?\})/.exec(rest) ?? [];
  const name = plain ?? braced;
  if (whole !== undefined && name !== undefined) {
    return { value: environment[name] || (otherwise ?? ''), next: at + whole.length };
  }
  return /^\$[({]/.test(rest) ? undefined : { value: '$', next: at + 1 };
}

function homeOf(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  if (name === '' && environment.HOME) return environment.HOME;
  const isWanted = ([user, , uid]: string[]) =>
    name === '' ? uid === `${process.getuid?.()}` : user === name;
  try {
    const users = readFileSync('/etc/passwd', 'latin1').split('\n');
    return users.map(line => line.split(':')).find(isWanted)?.[5];
  } catch {
    return undefined;
  }
}

/** Paths that a pattern matches, in byte order; the word itself where it is no pattern or nothing matches. */
function globbed(word: Pattern, files: Files): string[] {
  if (!isPattern(word)) return [unquoted(word)];
  const parts = word.split('/');
  const absolute = parts[0] === '';
  let paths = [absolute ? '/' : ''];
  const names = absolute ? parts.slice(1) : parts;
  for (const [index, name] of names.entries()) {
    const last = index === names.length - 1;
    paths = paths.flatMap(path =>
      below(path, name, files).filter(found => last || isDirectory(found, files)),
    );
    if (!last) paths = paths.map(path => (path.endsWith('/') ? path : `${path}/`));
  }
  return paths.length > 0 ? paths : [unquoted(word)];
}

function below(path: string, name: Pattern, files: Files): string[] {
  if (name === '') return [path];
  if (!isPattern(name)) {
    const found = path + unquoted(name);
    return files.kind(found) === undefined ? [] : [found];
  }
  try {
    return files
      .list(path === '' ? '.' : path)
      .filter(entry => (!entry.startsWith('.') || name.startsWith('.')) && fnmatch(name, entry))
      .sort()
      .map(entry => path + entry);
  } catch {
    return [];
  }
}

function isDirectory(path: string, files: Files): boolean {
  return files.kind(path) === 'directory';
}

function isPattern(word: Pattern): boolean {
  return /[*?[]/.test(word.replace(/\\./gs, ''));
}

function unquoted(word: Pattern): string {
  return word.replace(/\\(.)/gs, '$1');
}
