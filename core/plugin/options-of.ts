import type { Operation, Stanza, StanzaOption } from './hooks.ts';

/** One option, with where it stands: FILE:LINE of its stanza, FILE:LINE:COLUMN of the configuration, `[cfg STEP]`, or `-o`. */
export interface OptionValue {
  /** Of an option that came several times in one place: lines. */
  value: string;
  place: string;
  /** The configuration says it, beneath what the stanza says under whichever name. */
  beneath?: true;
}

/** By name: in small letters, with `-` for `_`. */
export type OptionValues = ReadonlyMap<string, OptionValue>;

/**
 * What an operation says of options: the parameters of the step's `[cfg]` section, where its stanza says nothing; what
 * the request itself sets (`ifup -o`) replaces both. `bond_mode` and `bond-mode` are one.
 */
export function optionsOf(
  operation: Pick<Operation, 'stanza'> & Partial<Pick<Operation, 'parameters' | 'options' | 'step'>>,
): OptionValues {
  const { stanza, parameters = {}, options = {}, step = stanza.step } = operation;
  const all = new Map<string, OptionValue>();
  replace(all, Object.entries(parameters), `[cfg ${step}]`);
  replace(all, stanza.options, stanza.place ?? stanza.step);
  replace(all, options.set ?? [], '-o');
  return all;
}

/** Options that stand somewhere else, such as in the configuration. */
export function optionsIn(pairs: Readonly<Record<string, string>>, place: string): OptionValues {
  const all = new Map<string, OptionValue>();
  replace(all, Object.entries(pairs), place);
  return all;
}

/** The options of a stanza alone. */
export function optionsOfStanza(stanza: Stanza): OptionValues {
  let known = ofStanzas.get(stanza);
  if (known === undefined) {
    known = optionsOf({ stanza });
    ofStanzas.set(stanza, known);
  }
  return known;
}

const ofStanzas = new WeakMap<Stanza, OptionValues>();

function replace(all: Map<string, OptionValue>, pairs: Iterable<StanzaOption>, place: string): void {
  const own = new Map<string, OptionValue>();
  for (const [name, value, at] of pairs) {
    const key = keyOf(name);
    const before = own.get(key);
    const first = at === undefined ? { value, place } : { value, place: at, beneath: true as const };
    own.set(key, before === undefined ? first : { ...before, value: `${before.value}\n${value}` });
  }
  for (const [key, option] of own) all.set(key, option);
}

/** Where an option of a stanza stands, or, where it has none of the name, the stanza; undefined for a step's own. */
export function placeOf(stanza: Stanza, name: string): string | undefined {
  const key = keyOf(name);
  return stanza.options.find(([each]) => keyOf(each) === key)?.[2] ?? stanza.place;
}

/** `bond_mode` and `bond-mode` are one. */
export function keyOf(name: string): string {
  return name.replaceAll('_', '-').toLowerCase();
}
