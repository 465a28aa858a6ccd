import { type Files, failedReading, fileSentence, systemFiles } from './files.ts';
import type { InterfaceStanza, Interfaces, Notice } from './model.ts';
import { Options } from './options.ts';
import type { Place } from './place.ts';

/** `debian`: interfaces(5) as ifupdown 0.8 reads it. `ng`: also what ifupdown-ng and ifupdown2 leave out or add. */
export type Dialect = 'debian' | 'ng';

export interface ParseOptions {
  files?: Files;
  dialect?: Dialect;
  /** `--no-loopback`: do nothing for the loopback interface by itself. */
  noLoopback?: boolean;
  /** Told at once; all of them are in the result too. */
  tell?: (notice: Notice) => void;
}

/** What a configuration may have: far more than any has, far less than an include loop makes. */
const mostFiles = 10_000;
const deepest = 100;

export const loopback = 'lo';

/** What was asked of a path: what it is (a directory, something else, nothing), or what is in it. */
export type Look = 'kind' | 'content';

/** What is known while a file and its includes are read. */
export class Reading {
  readonly interfaces: Interfaces;
  readonly notices: Notice[] = [];
  readonly looked = new Map<string, Look>();
  readonly files: Files;
  readonly dialect: Dialect;
  readonly #readContent: (file: string, content: string) => boolean;
  readonly #tell: ((notice: Notice) => void) | undefined;
  readonly #seen = new Set<string>();
  /** How often each file is being read, by identity: under another name ifupdown reads it once more. */
  readonly #open = new Map<string, number>();
  #depth = 0;
  readonly #classes = new Map<string, Set<string>>();
  readonly #byName = new Map<string, InterfaceStanza[]>();

  constructor(options: ParseOptions, readContent: (file: string, content: string) => boolean) {
    const { files = systemFiles(), dialect = 'debian', noLoopback = false, tell } = options;
    this.#readContent = readContent;
    this.files = noting(files, (path, look) => {
      if (look === 'content' || !this.looked.has(path)) this.looked.set(path, look);
    });
    this.dialect = dialect;
    this.#tell = tell;
    this.interfaces = {
      classes: new Map(),
      stanzas: [],
      mappings: [],
      noAutoDown: [],
      noScripts: [],
      rename: [],
      ownLoopback: noLoopback,
    };
  }

  tell(notice: Notice): void {
    this.notices.push(notice);
    this.#tell?.(notice);
  }

  /** False after an error in this very file. One that is named again is not read again, as in ifupdown. */
  read(file: string, from?: Place): boolean {
    if (this.#seen.has(file)) {
      this.tell({ level: 'hint', message: `${file} has been read already`, ...(from && { place: from }) });
      return false;
    }
    this.#seen.add(file);
    if (this.#seen.size > mostFiles || this.#depth >= deepest) {
      return this.#fail('too many files, or files in files, are included', from);
    }
    try {
      const { content, identity } = this.files.read(file);
      const times = this.#open.get(identity) ?? 0;
      if (times > 1) return this.#fail(`${file} includes itself`, from);
      this.#open.set(identity, times + 1);
      this.#depth++;
      const read = this.#readContent(file, content);
      this.#open.set(identity, times);
      this.#depth--;
      return read;
    } catch (error) {
      const sentence = fileSentence(error);
      if (failedReading(error)) return this.#fail(`${file}: ${sentence}`);
      this.tell({ level: 'warning', message: `couldn't open interfaces file "${file}": ${sentence}` });
      return true;
    }
  }

  allow(name: string, entry: string): void {
    const known = this.#classes.get(name) ?? new Set();
    this.#classes.set(name, known);
    const list = this.interfaces.classes.get(name) ?? [];
    this.interfaces.classes.set(name, list);
    if (known.has(entry)) return;
    known.add(entry);
    list.push(entry);
  }

  addStanza(stanza: InterfaceStanza): void {
    this.interfaces.stanzas.push(stanza);
    const same = this.#byName.get(stanza.name);
    if (same === undefined) this.#byName.set(stanza.name, [stanza]);
    else same.push(stanza);
  }

  /** The first stanza of a name, and of a family where one is given. */
  find(name: string, family?: string): InterfaceStanza | undefined {
    return this.#byName.get(name)?.find(stanza => family === undefined || stanza.family === family);
  }

  /** Where no stanza sees to it, the loopback interface comes before all others. */
  addLoopback(file: string): void {
    const place = { file, line: 0 };
    this.interfaces.stanzas.unshift({
      name: loopback,
      family: 'inet',
      method: 'loopback',
      options: new Options(),
      place,
    });
  }

  #fail(message: string, place?: Place): false {
    this.tell({ level: 'error', message, ...(place && { place }) });
    return false;
  }
}

/** The same, with each path that is looked at told before. */
function noting(files: Files, look: (path: string, how: Look) => void): Files {
  return {
    read: path => {
      look(path, 'content');
      return files.read(path);
    },
    list: directory => {
      look(directory, 'content');
      return files.list(directory);
    },
    kind: path => {
      look(path, 'kind');
      return files.kind(path);
    },
  };
}
