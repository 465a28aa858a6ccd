import type { Place } from './place.ts';

export interface Option {
  name: string;
  /** Of an option that came several times: all values, with newlines between. */
  value: string;
  /** Where it came first; options that nobody wrote (defaults, conversions) have none. */
  place?: Place;
}

/** Options that are commands: each occurrence is kept by itself. */
export const commandOptions: ReadonlySet<string> = new Set(['pre-up', 'up', 'down', 'post-down']);

/** `post-up` is `up`, `pre-down` is `down`. */
export function canonicalName(name: string): string {
  if (name === 'post-up') return 'up';
  return name === 'pre-down' ? 'down' : name;
}

/** The options of one stanza, in order, by ifupdown's rules for names that come more than once. */
export class Options {
  readonly #list: Option[] = [];
  readonly #byName = new Map<string, Option>();

  [Symbol.iterator](): Iterator<Option> {
    return this.#list[Symbol.iterator]();
  }

  get size(): number {
    return this.#list.length;
  }

  get(name: string): Option | undefined {
    return this.#byName.get(name);
  }

  /** A line of a stanza: commands stand one after the other, the values of other options are joined by newlines. */
  add(name: string, value: string, place?: Place): void {
    const before = commandOptions.has(name) ? undefined : this.#byName.get(name);
    if (before === undefined) this.set(name, value, place);
    else before.value += `\n${value}`;
  }

  /**
   * In place of the value that is there, but for commands. A name that ends in `?` sets only what is not there.
   * Returns the option that was set.
   */
  set(name: string, value: string, place?: Place): Option | undefined {
    const plain = name.endsWith('?') ? name.slice(0, -1) : name;
    const before = commandOptions.has(name) ? undefined : this.#byName.get(plain);
    if (before !== undefined) {
      if (plain !== name) return undefined;
      before.value = value;
      return before;
    }
    this.append(plain, value, place);
    return this.#list.at(-1);
  }

  delete(name: string): void {
    const at = this.#list.findIndex(option => option.name === name);
    if (at < 0) return;
    this.#list.splice(at, 1);
    const next = this.#list.find(option => option.name === name);
    if (next === undefined) this.#byName.delete(name);
    else this.#byName.set(name, next);
  }

  copy(): Options {
    const all = new Options();
    for (const { name, value, place } of this.#list) all.append(name, value, place);
    return all;
  }

  /** As it is, whatever is there already. */
  append(name: string, value: string, place?: Place): void {
    const option: Option = { name, value, ...(place && { place }) };
    this.#list.push(option);
    if (!this.#byName.has(name)) this.#byName.set(name, option);
  }
}
