import { dirname } from 'node:path';
import { type IfaceLine, readIfaceLine } from './iface-line.ts';
import { type Line, linesOf } from './lines.ts';
import type { InterfaceStanza, Mapping } from './model.ts';
import { readNgIfaceLine, readNgLine } from './ng.ts';
import { canonicalName, Options } from './options.ts';
import type { Place } from './place.ts';
import type { Reading } from './reading.ts';
import { cutWord, wordsOf } from './text.ts';
import { wordexp } from './wordexp.ts';

/** `auto`, and what else names interfaces in its line, or (alone in a stanza) that of the stanza. */
const listKeywords: Readonly<Record<string, (reading: Reading, name: string) => void>> = {
  auto: (reading, name) => reading.allow('auto', name),
  'no-auto-down': ({ interfaces }, name) => interfaces.noAutoDown.push(name),
  'no-scripts': ({ interfaces }, name) => interfaces.noScripts.push(name),
};

/** Reads one file, line by line: each line belongs to the stanza above it, or begins another. */
export class FileReader {
  readonly #reading: Reading;
  readonly #file: string;
  /** The stanza that option lines belong to. */
  #stanza: InterfaceStanza | undefined;
  #mapping: Mapping | undefined;

  constructor(reading: Reading, file: string) {
    this.#reading = reading;
    this.#file = file;
  }

  /** False after an error: the lines behind it are not read, those before it count. */
  read(content: string): boolean {
    for (const line of linesOf(content)) {
      const error = this.#line(line);
      if (error === undefined) continue;
      this.#reading.tell({ level: 'error', message: error, place: this.#place(line) });
      return false;
    }
    return true;
  }

  #place(line: Line): Place {
    return { file: this.#file, line: line.number };
  }

  /** What is wrong, or undefined. */
  #line(line: Line): string | undefined {
    const cut = cutWord(line.text);
    if (cut === undefined) return undefined;
    const { word, rest } = cut;
    const list = Object.hasOwn(listKeywords, word) ? listKeywords[word] : undefined;
    if (list !== undefined) return this.#list(rest, name => list(this.#reading, name));
    if (word.startsWith('allow-') && word.length > 'allow-'.length) {
      const name = word.slice('allow-'.length);
      if (!this.#reading.interfaces.classes.has(name)) this.#reading.interfaces.classes.set(name, []);
      return this.#list(rest, entry => this.#reading.allow(name, entry));
    }
    if (word === 'iface') return this.#iface(rest, line);
    if (word === 'mapping') return this.#beginMapping(rest, line);
    if (word === 'source') return this.#source(rest, line);
    // ifupdown looks at the beginning only.
    if (word.startsWith('source-dir')) return this.#sourceDirectory(rest, line);
    if (word === 'rename') {
      this.#reading.interfaces.rename.push(...wordsOf(rest));
      return this.#leave();
    }
    if (this.#reading.dialect === 'ng') {
      const meant = readNgLine(word, rest, this.#stanza !== undefined);
      if (meant?.begin !== undefined) return this.#begin(meant.begin, line);
      if (meant?.inherit !== undefined) return this.#inherit(meant.inherit, line);
      if (meant?.option !== undefined) return this.#line({ ...line, text: meant.option });
    }
    if (this.#stanza !== undefined) return this.#option(this.#stanza, word, rest, line);
    if (this.#mapping !== undefined) return mappingLine(this.#mapping, word, rest);
    return 'misplaced option';
  }

  /** Ends the stanza: what follows belongs to none. */
  #leave(): undefined {
    this.#stanza = undefined;
    this.#mapping = undefined;
  }

  #list(rest: string, add: (name: string) => void): undefined {
    if (rest === '' && this.#stanza !== undefined) {
      add(this.#stanza.name);
      return;
    }
    for (const name of wordsOf(rest)) add(name);
    this.#leave();
  }

  #iface(rest: string, line: Line): string | undefined {
    const found = this.#reading.dialect === 'ng' ? readNgIfaceLine(rest) : readIfaceLine(rest);
    if (typeof found === 'string') return found;
    if (found.extra !== undefined) {
      this.#reading.tell({
        level: 'warning',
        message: `extra parameter for the iface line not understood and ignored: ${found.extra}`,
        place: this.#place(line),
      });
    }
    return this.#begin(found, line);
  }

  /** Begins a stanza. What is wrong, or undefined. */
  #begin({ name, family, method, inherits }: IfaceLine, line: Line): string | undefined {
    const other = inherits === undefined ? undefined : this.#reading.find(inherits, family);
    if (inherits !== undefined && other === undefined) {
      return `unknown iface to inherit from: ${inherits} (${family ?? '*'})`;
    }
    if ((family === 'inet' || family === 'inet6') && method === 'loopback') {
      this.#reading.interfaces.ownLoopback = true;
    }
    this.#leave();
    this.#stanza = {
      name,
      family: family ?? other?.family ?? '',
      method: method ?? other?.method ?? '',
      options: other?.options.copy() ?? new Options(),
      place: this.#place(line),
    };
    this.#reading.addStanza(this.#stanza);
    return undefined;
  }

  /** ifupdown-ng's `inherit NAME` within a stanza: what is not there yet. */
  #inherit(name: string, line: Line): string | undefined {
    const other = this.#reading.find(name);
    if (other === undefined) return `unknown iface to inherit from: ${name} (*)`;
    for (const option of other.options)
      this.#stanza?.options.set(`${option.name}?`, option.value, this.#place(line));
    return undefined;
  }

  #option(stanza: InterfaceStanza, word: string, rest: string, line: Line): string | undefined {
    if (rest === '') return 'option with empty value';
    stanza.options.add(canonicalName(word), rest, this.#place(line));
    return undefined;
  }

  #beginMapping(rest: string, line: Line): undefined {
    this.#leave();
    this.#mapping = { patterns: wordsOf(rest), map: [], place: this.#place(line) };
    this.#reading.interfaces.mappings.push(this.#mapping);
  }

  #source(rest: string, line: Line): undefined {
    for (const path of this.#expand(rest, line)) {
      if (this.#reading.files.kind(path) === undefined) continue;
      this.#reading.tell({ level: 'trace', message: `parsing file ${path}` });
      this.#reading.read(path, this.#place(line));
    }
    this.#leave();
  }

  #sourceDirectory(rest: string, line: Line): undefined {
    for (const directory of this.#expand(rest, line)) {
      let names: string[];
      try {
        names = this.#reading.files.list(directory);
      } catch {
        continue;
      }
      this.#reading.tell({ level: 'trace', message: `reading directory ${directory}` });
      for (const name of names.filter(each => /^[A-Za-z0-9_-]+$/.test(each)).sort()) {
        this.#reading.tell({ level: 'trace', message: `parsing file ${directory}/${name}` });
        this.#reading.read(`${directory}/${name}`, this.#place(line));
      }
    }
    this.#leave();
  }

  /** Relative to the directory of this file. What wordexp(3) refuses names nothing, silently, as in ifupdown. */
  #expand(rest: string, line: Line): string[] {
    const pattern = rest.startsWith('/') ? rest : `${dirname(this.#file)}/${rest}`;
    const words = wordexp(pattern, this.#reading.files);
    if (words !== undefined) return words;
    this.#reading.tell({
      level: 'hint',
      message: `names no file, since the shell could not expand it: ${rest}`,
      place: this.#place(line),
    });
    return [];
  }
}

function mappingLine(mapping: Mapping, word: string, rest: string): string | undefined {
  if (word === 'map') {
    mapping.map.push(rest);
    return undefined;
  }
  if (word !== 'script') return 'misplaced option';
  if (mapping.script !== undefined) return 'duplicate script in mapping';
  mapping.script = rest;
  return undefined;
}
