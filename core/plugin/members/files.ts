import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { linkIndex } from '../../base/libc/links.ts';
import { writePrivate } from '../../base/private-file.ts';
import type { Wish } from './kind.ts';

/** What is on record of the members of masters, among the handles of each: `bond0.d/slaves`, `bond0.d/slave-eth1`. */
export class MemberFiles {
  readonly #directory: string;
  readonly #word: string;

  constructor(run: string, word: string) {
    this.#directory = join(run, 'interfaces');
    this.#word = word;
  }

  /** What the kernel takes as a name, but no directory can have, is none. */
  handleOf(member: string): string {
    return `${this.#word}-${member}`;
  }

  /** Those that have joined by the method, as its handles say. */
  joined(master: string): string[] {
    const prefix = `${this.#word}-`;
    return entries(this.#of(master))
      .filter(name => name.startsWith(prefix))
      .map(name => name.slice(prefix.length));
  }

  /** The handle's text. */
  handleText(master: string, member: string): string | undefined {
    return textOf(join(this.#of(master), this.handleOf(member)));
  }

  /** Does another stanza than this one want the master still, as the handle of the method that made it says? */
  isWanted(master: string, handle: string, but: string): boolean {
    const lines = (textOf(join(this.#of(master), handle)) ?? '').split('\n');
    return lines.some(line => line.startsWith('for ') && line !== `for ${but}`);
  }

  keep(master: string, wish: Wish): void {
    writePrivate(this.#wish(master), JSON.stringify({ ...wish, ifindex: linkIndex(master) }));
  }

  forget(master: string): void {
    rmSync(this.#wish(master), { force: true });
  }

  /** Those that were kept, and that are about the link that has the name now. */
  wishes(): Map<string, Wish> {
    const found = new Map<string, Wish>();
    for (const entry of entries(this.#directory)) {
      if (!entry.endsWith('.d')) continue;
      const master = entry.slice(0, -2);
      const text = textOf(this.#wish(master));
      const wish = text === undefined ? undefined : wishIn(text, linkIndex(master));
      if (wish !== undefined) found.set(master, wish);
    }
    return found;
  }

  #of(master: string): string {
    return join(this.#directory, `${master}.d`);
  }

  #wish(master: string): string {
    return join(this.#of(master), `${this.#word}s`);
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function wishIn(text: string, ifindex: number | undefined): Wish | undefined {
  try {
    const { ifindex: of, words, environment, each } = JSON.parse(text) as Wish & { ifindex?: number };
    const isWhole = Array.isArray(words) && typeof environment === 'object' && typeof each === 'object';
    return isWhole && of === ifindex && ifindex !== undefined ? { words, environment, each } : undefined;
  } catch {
    return undefined;
  }
}
