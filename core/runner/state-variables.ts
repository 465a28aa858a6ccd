import { deepest, faultOf, flatten, mostVariables, nameBelow, tail } from './variable-names.ts';

/** Variables as `NAME=VALUE`, and how many characters they have together, each with its NUL. */
export interface Texts {
  all: readonly string[];
  length: number;
}

/** The variables of one field of a state, as a part of the old and of the new one of an event. */
interface Field {
  old: readonly string[];
  new: readonly string[];
  length: number;
}

interface State {
  fields: ReadonlyMap<string, Field>;
  old: Texts;
}

/** What is known of states that nobody changes any more. */
const states = new WeakMap<object, State | undefined>();

/**
 * The short way for what comes most and soonest: the `old` and `new` of the kernel's objects, which are frozen. The new
 * one is soon the old one, and has most fields from the one before.
 */
export function stateTexts(data: object): Texts | undefined {
  const { old: before, new: now, ...others } = data as { old?: unknown; new?: unknown };
  for (const _ in others) return undefined;
  const old = before === undefined ? nothing : stateOf(before)?.old;
  if (old === undefined || now === undefined) return old;
  const state = stateOf(now, before);
  if (state === undefined) return undefined;
  const all = old.all.slice();
  for (const field of state.fields.values()) for (const text of field.new) all.push(text);
  return { all, length: old.length + state.old.length };
}

const nothing: Texts = { all: [], length: 0 };

/** Works out ahead what of a state is wanted when it is the old one of an event. */
export function rememberState(state: unknown): void {
  stateOf(state);
}

function stateOf(state: unknown, before?: unknown): State | undefined {
  if (typeof state !== 'object' || state === null || !Object.isFrozen(state)) return undefined;
  if (states.has(state)) return states.get(state);
  const known = states.get(before as object)?.fields;
  const fields = new Map<string, Field>();
  const all: string[] = [];
  let length = 0;
  for (const [key, value] of Object.entries(state)) {
    const shared =
      value === (before as Record<string, unknown> | undefined)?.[key] ? known?.get(key) : undefined;
    const field = shared ?? fieldOf(key, value);
    if (field === undefined) return undefined;
    fields.set(key, field);
    for (const text of field.old) all.push(text);
    length += field.length;
  }
  const made = { fields, old: { all, length } };
  states.set(state, made);
  return made;
}

/** Undefined where something has to be said about one of them: then the long way says it. */
function fieldOf(key: string, value: unknown): Field | undefined {
  const field = { old: [] as string[], new: [] as string[], length: 0 };
  let isGood = true;
  flatten(value, nameBelow(tail, key), deepest - 2, ({ name, good }, text) => {
    isGood &&= faultOf(good, text) === undefined;
    const variable = `${name}=${text}`;
    field.old.push(`NETCONF_OLD${variable}`);
    field.new.push(`NETCONF_NEW${variable}`);
    field.length += 'NETCONF_NEW'.length + variable.length + 1;
  });
  return isGood && field.old.length < mostVariables / 64 ? field : undefined;
}
