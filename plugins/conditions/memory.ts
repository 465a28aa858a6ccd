import { rmSync } from 'node:fs';
import { readPrivate, writePrivate } from '../../core/base/private-file.ts';
import { startId } from '../../core/base/start-id.ts';
import type { Memory } from './watch.ts';

/**
 * What conditions have seen, in a file beside the control socket: a daemon that is started anew goes on where the one
 * before ended. What another start of the machine has left is not believed.
 */
export class MemoryFile {
  readonly #path: string;
  #last = '';

  constructor(directory: string) {
    this.#path = `${directory}/conditions.json`;
  }

  /** By the text of the condition and its file's name. Empty where there is nothing to be believed. */
  read(): ReadonlyMap<string, Memory> {
    try {
      const { start, conditions } = JSON.parse(readPrivate(this.#path));
      const entries = Object.entries(conditions as Record<string, Memory>);
      return start === startId() ? new Map(entries.filter(([, memory]) => isMemory(memory))) : new Map();
    } catch {
      return new Map();
    }
  }

  /** Without memories there is no file. Throws a SystemError where it cannot be written. */
  write(memories: ReadonlyMap<string, Memory>): void {
    if (memories.size === 0) {
      rmSync(this.#path, { force: true });
      this.#last = '';
      return;
    }
    const text = JSON.stringify({ start: startId(), conditions: Object.fromEntries(memories) });
    if (text === this.#last) return;
    writePrivate(this.#path, text);
    this.#last = text;
  }
}

function isMemory(memory: unknown): memory is Memory {
  const { leaves, held } = (memory ?? {}) as Partial<Memory>;
  const isText = (one: unknown) => typeof one === 'string';
  return (
    typeof held === 'boolean' &&
    Array.isArray(leaves) &&
    leaves.every(leaf => typeof leaf === 'boolean' || (Array.isArray(leaf) && leaf.every(isText)))
  );
}
