import type { KnownStanza, PluginHooks, Stanza } from './hooks.ts';
import { type OptionValues, optionsOfStanza } from './options-of.ts';

/** Behind the sources. */
const stage = 10;

/** What a plugin says of a stanza that it knows what to do with. */
export type Mark = Pick<KnownStanza, 'makes' | 'memberOf'>;

/** Taps `stanzas` for a plugin that makes links or lets them join others. `mark` is asked once for each list. */
export function markStanzas(
  { stanzas }: Pick<PluginHooks, 'stanzas'>,
  mark: (options: OptionValues, one: KnownStanza) => Mark | undefined,
): void {
  const marked = new WeakMap<readonly KnownStanza[], readonly KnownStanza[]>();
  stanzas.tap({ name: 'links that are made', stage }, known => {
    let list = marked.get(known);
    if (list === undefined) {
      list = known.map(one => ({ ...one, ...mark(optionsOfStanza(one.stanza), one) }));
      marked.set(known, list);
    }
    return list;
  });
}

/** Tells the stanzas of one interface apart in what methods keep: `inet-static`, `inet-static-2`. */
export function stanzaName({ family, method, nth }: Stanza): string {
  return nth === undefined ? `${family}-${method}` : `${family}-${method}-${nth}`;
}
