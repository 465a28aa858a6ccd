import { dirname, resolve } from 'node:path';
import type { Files } from './files.ts';
import { parse } from './parser.ts';
import { Problems } from './problem.ts';
import { type Place, Source } from './source.ts';
import type { Block, Option, SyntaxFile } from './syntax.ts';

/** What the network file and all that it includes say, as it is written. */
export interface Reading {
  /** Each file that was read, in that order. */
  sources: Source[];
  syntax: Map<Source, SyntaxFile>;
  /** The blocks of all files, in the order in which they count. */
  blocks: Block[];
  problems: Problems;
}

/** Files in all, characters in all, and files within each other. */
const mostFiles = 256;
const mostCharacters = 16 * 1024 * 1024;
const deepest = 16;
/** Characters of a line: a longer one is no text that somebody has written. */
const longestLine = 4096;

/**
 * Reads FILE and then each `FILE.d/NAME.conf` in the order of bytes, and what they include, where they do. Undefined where
 * there is none of them. Never throws.
 */
export function readNetworkFile(file: string, files: Files): Reading | undefined {
  const reader = new Reader(files);
  const drops = files
    .list(`${file}.d`)
    .filter(name => /^[^.].*\.conf$/.test(name))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(name => `${file}.d/${name}`);
  const found = [file, ...drops].filter(path => reader.file(path, undefined, []));
  return found.length === 0 ? undefined : reader.reading;
}

/** Reads one text, whose includes are not followed: for who looks at it alone. */
export function readText(path: string, text: string): Reading {
  const reader = new Reader({ read: () => undefined, list: () => [] });
  reader.text(path, text, []);
  return reader.reading;
}

class Reader {
  readonly reading: Reading = { sources: [], syntax: new Map(), blocks: [], problems: new Problems() };
  readonly #files: Files;
  #count = 0;
  #characters = 0;

  constructor(files: Files) {
    this.#files = files;
  }

  /** False where there is no such file, and nobody names it. */
  file(path: string, named: Place | undefined, within: readonly string[]): boolean {
    const { problems } = this.reading;
    const refuse = (message: string, hint?: string) => {
      if (named === undefined) problems.errorOf(path, message, hint);
      else problems.error(named, `${path}: ${message}`, hint);
      return true;
    };
    if (within.includes(path))
      return refuse('it includes itself', [...within.slice(within.indexOf(path)), path].join(' → '));
    if (within.length >= deepest) return refuse(`more than ${deepest} files within each other`);
    if (++this.#count > mostFiles)
      return this.#count === mostFiles + 1
        ? refuse(`more than ${mostFiles} files: the rest is not read`)
        : true;
    const read = this.#files.read(path);
    if (read === undefined) return named === undefined ? false : refuse('there is no such file');
    if ('reason' in read) {
      const { line, column, reason } = read;
      return refuse(line === undefined ? reason : `line ${line}, column ${column}: ${reason}`);
    }
    const { text } = read;
    this.#characters += text.length;
    if (this.#characters > mostCharacters)
      return refuse(`more than ${mostCharacters} characters in all files`);
    this.text(path, text, [...within, path]);
    return true;
  }

  text(path: string, text: string, within: readonly string[]): void {
    const { problems, sources, syntax, blocks } = this.reading;
    const source = new Source(path, text);
    sources.push(source);
    if (!this.#hasShortLines(source)) return;
    const parsed = parse(source, problems);
    syntax.set(source, parsed);
    for (const item of parsed.items) {
      if (item.kind === 'block') blocks.push(item);
      else if (within.length > 0) this.#include(item, dirname(path), within);
    }
  }

  #include({ values: [value], not }: Option, directory: string, within: readonly string[]): void {
    const { problems } = this.reading;
    if (not !== undefined) problems.error(not, 'not before include: there is nothing to reverse');
    if (value === undefined) return;
    const { text, quoted, more } = value;
    if (!quoted || more.length > 0) problems.error(value, 'the path of a file in quotes was expected');
    else if (text === '') problems.error(value, 'an empty path');
    else this.file(resolve(directory, text), value, within);
  }

  #hasShortLines(source: Source): boolean {
    const { text } = source;
    let good = true;
    for (let start = 0; start < text.length; ) {
      const found = text.indexOf('\n', start);
      const end = found < 0 ? text.length : found;
      if (end - start > longestLine) {
        const place = { source, start, end: start + 1 };
        this.reading.problems.error(
          place,
          `a line of ${end - start} characters: more than ${longestLine} are no text`,
        );
        good = false;
      }
      start = end + 1;
    }
    return good;
  }
}
