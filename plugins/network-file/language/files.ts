import { lstatSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readText } from '../../../core/base/text/read-text.ts';
import type { Trust } from '../../../core/base/trust.ts';

/** How the reader reaches files: what lies on the disk, or what lay there when it was last applied. */
export interface Files {
  /** Undefined where there is no such file; a sentence, and the place in the file where it has one, where it is not read. */
  read(path: string): { text: string } | { reason: string; line?: number; column?: number } | undefined;
  /** Names in a directory; none where there is no such directory. */
  list(directory: string): string[];
}

/** Bytes: more is no network file that somebody has written. */
const largestFile = 8 * 1024 * 1024;

/** @param trust the owner rule */
export function filesOnDisk(trust: (path: string) => Trust): Files {
  return {
    read: path => {
      // A link that leads nowhere is a mistake, what is not there is none.
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      const read = readText(path, trust, largestFile);
      if ('text' in read) return read;
      const { message, line, column } = read.problem;
      return { reason: message, ...(line > 0 && { line, column }) };
    },
    list: directory => {
      try {
        return readdirSync(directory);
      } catch {
        return [];
      }
    },
  };
}

/** Files as they were: their paths and texts. */
export function filesInMemory(texts: ReadonlyMap<string, string>): Files {
  return {
    read: path => {
      const text = texts.get(path);
      return text === undefined ? undefined : { text };
    },
    list: directory =>
      [...texts.keys()].flatMap(path => (dirname(path) === directory ? [basename(path)] : [])),
  };
}
