import { type BigIntStats, statSync } from 'node:fs';
import type { Dialect, Parsed } from './parse/parse.ts';
import { parseInterfaces } from './parse/parse.ts';

/** Files parsed by name: more than the usual one and some of `ifup -i` are not kept. */
const mostKept = 8;
/** Nanoseconds: a file may change again within one tick of the file system's clock without showing it. */
const tick = 20_000_000n;

interface Kept {
  parsed: Parsed;
  /** Of all that was looked at, in its order. */
  marks: readonly string[];
}

/**
 * Parsed interfaces(5) files. A file is parsed anew when it, or a file or directory that was looked at for it, is not
 * what it was (stat(2)); `fresh` is told then.
 */
export class ParsedFiles {
  readonly #kept = new Map<string, Kept>();
  readonly #dialect: Dialect;
  readonly #fresh: (parsed: Parsed) => void;

  constructor(dialect: Dialect, fresh: (parsed: Parsed) => void) {
    this.#dialect = dialect;
    this.#fresh = fresh;
  }

  get(file: string): Parsed {
    const before = this.#kept.get(file);
    if (before !== undefined && isSame(before)) return before.parsed;
    const begin = BigInt(Date.now()) * 1_000_000n;
    const parsed = parseInterfaces(file, { dialect: this.#dialect });
    const stats = parsed.looked.map(look);
    this.#kept.delete(file);
    const settled = stats.every(each => each === undefined || each.ctimeNs + tick < begin);
    if (settled) this.#kept.set(file, { parsed, marks: stats.map(markOf) });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#fresh(parsed);
    return parsed;
  }
}

function isSame({ parsed, marks }: Kept): boolean {
  return parsed.looked.every((path, index) => markOf(look(path)) === marks[index]);
}

function look(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function markOf(stats: BigIntStats | undefined): string {
  if (stats === undefined) return 'none';
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
