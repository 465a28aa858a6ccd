import type { HookPoints, KnownStanza, Stanza } from './hooks.ts';
import { type OptionValues, optionsOfStanza } from './options-of.ts';

/**
 * A tap of `stanzas` for a plugin that makes links: `makes` says of a stanza on which other link the one stands that the
 * plugin makes for it, `{}` for one that stands on none, undefined for none at all. Asked once for each list.
 */
export function marking(
  makes: (options: OptionValues, one: KnownStanza) => { on?: string } | undefined,
): HookPoints['stanzas'] {
  const marked = new WeakMap<readonly KnownStanza[], readonly KnownStanza[]>();
  return known => {
    let list = marked.get(known);
    if (list === undefined) {
      list = known.map(one => {
        const made = makes(optionsOfStanza(one.stanza), one);
        return made === undefined ? one : { ...one, makes: made };
      });
      marked.set(known, list);
    }
    return list;
  };
}

/** Tells the stanzas of one interface apart in what methods keep: `inet-static`, `inet-static-2`. */
export function stanzaName({ family, method, nth }: Stanza): string {
  return nth === undefined ? `${family}-${method}` : `${family}-${method}-${nth}`;
}
