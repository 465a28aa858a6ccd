import type { KnownStanza, Stanza, StanzaOption } from './hooks.ts';
import { keyOf } from './options-of.ts';

/** Options by logical interface, each with its place. */
export type OptionsByName = ReadonlyMap<string, readonly StanzaOption[]>;

/**
 * What the configuration says of interfaces, beneath their stanzas: an option of the stanza itself, or of the `[cfg]`
 * section of its step, is the only one of its name.
 */
export class Configured {
  #options: OptionsByName;
  #lists = new WeakMap<readonly KnownStanza[], readonly KnownStanza[]>();

  constructor(options: OptionsByName = new Map()) {
    this.#options = options;
  }

  configure(options: OptionsByName): void {
    this.#options = options;
    this.#lists = new WeakMap();
  }

  /** The stanza of a logical interface with all that counts for it. */
  beneath(stanza: Stanza, logical: string, parameters: Readonly<Record<string, string>> = {}): Stanza {
    const options = this.#options.get(stanza.logical ?? logical);
    if (options === undefined) return stanza;
    const names = [...stanza.options.map(([name]) => name), ...Object.keys(parameters)];
    const own = new Set(names.map(keyOf));
    return { ...stanza, options: [...stanza.options, ...options.filter(([name]) => !own.has(keyOf(name)))] };
  }

  /** The same of all that sources know: one list for each list of theirs. */
  beneathAll(known: readonly KnownStanza[]): readonly KnownStanza[] {
    if (this.#options.size === 0) return known;
    let list = this.#lists.get(known);
    if (list === undefined) {
      list = known.map(one => ({ ...one, stanza: this.beneath(one.stanza, one.logical) }));
      this.#lists.set(known, list);
    }
    return list;
  }
}
