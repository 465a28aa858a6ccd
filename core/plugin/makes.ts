import type { KnownStanza, PluginHooks, Stanza } from './hooks.ts';
import { type OptionValues, optionsOfStanza } from './options-of.ts';

/** Behind the sources. */
const stage = 10;

/**
 * Taps `stanzas` for a plugin that makes links: `makes` says of a stanza on which other link the one stands that the
 * plugin makes for it, `{}` for one that stands on none, undefined for none at all. Asked once for each list.
 */
export function markStanzas(
  { stanzas }: Pick<PluginHooks, 'stanzas'>,
  makes: (options: OptionValues, one: KnownStanza) => { on?: string } | undefined,
): void {
  const marked = new WeakMap<readonly KnownStanza[], readonly KnownStanza[]>();
  stanzas.tap({ name: 'links that are made', stage }, known => {
    let list = marked.get(known);
    if (list === undefined) {
      list = known.map(one => {
        const made = makes(optionsOfStanza(one.stanza), one);
        return made === undefined ? one : { ...one, makes: made };
      });
      marked.set(known, list);
    }
    return list;
  });
}

/** Tells the stanzas of one interface apart in what methods keep: `inet-static`, `inet-static-2`. */
export function stanzaName({ family, method, nth }: Stanza): string {
  return nth === undefined ? `${family}-${method}` : `${family}-${method}-${nth}`;
}
