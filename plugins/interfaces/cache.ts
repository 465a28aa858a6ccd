import { type BigIntStats, statSync } from 'node:fs';
import type { Dialect, Look, Parsed } from './parse/parse.ts';
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
 * what it was (stat(2)); `fresh` is told then. Of a directory that was only passed through, such as the first ones of a
 * pattern, what lies in it makes no difference.
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
    const stats = parsed.looked.map(([path]) => look(path));
    this.#kept.delete(file);
    const settled = stats.every(
      (each, at) => parsed.looked[at]?.[1] === 'kind' || each === undefined || each.ctimeNs + tick < begin,
    );
    if (settled)
      this.#kept.set(file, { parsed, marks: parsed.looked.map(([, how], at) => markOf(how, stats[at])) });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#fresh(parsed);
    return parsed;
  }
}

function isSame({ parsed, marks }: Kept): boolean {
  return parsed.looked.every(([path, how], at) => markOf(how, look(path)) === marks[at]);
}

function look(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function markOf(how: Look, stats: BigIntStats | undefined): string {
  if (stats === undefined) return 'none';
  if (how === 'kind') return stats.isDirectory() ? 'directory' : 'other';
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
