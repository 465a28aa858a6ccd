import type { Event } from '../bus/event.ts';

/** Bytes of all variables of one script. The kernel allows a quarter of the stack limit, 2 MiB as a rule (execve(2)). */
const mostBytes = 512 * 1024;
/** One `NAME=VALUE` with its NUL: MAX_ARG_STRLEN of linux/binfmts.h is 32 pages. */
const longestVariable = 128 * 1024 - 1;
const mostVariables = 4096;
const deepest = 16;

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface Environment {
  /** `NAME=VALUE` each. */
  variables: readonly string[];
  /** Sentences about what was left out. */
  notes: string[];
}

/**
 * Adds to the variables of an event: the `environment` hook point. The variables are made only when somebody asks for
 * them; undefined changes nothing.
 */
export type EnvironmentHook = (
  variables: () => Readonly<Record<string, string>>,
  event: Event,
) => Readonly<Record<string, string>> | undefined;

/**
 * What a script sees: nothing inherited. The fixed names, then each scalar of the event's data at any depth as
 * `NETCONF_<NAME>` (`{new: {ifname}}` is `NETCONF_NEW_IFNAME`; an array of scalars joined by blanks, of objects
 * numbered), then what plugins add. Data and plugins change no fixed name, and `LD_*` never gets in.
 */
export function buildEnvironment(event: Event, socket: string, hook?: EnvironmentHook): Environment {
  const notes: string[] = [];
  const known = [
    `PATH=${path}`,
    `IFACE=${event.interface ?? ''}`,
    `NETCONF_EVENT=${event.name}`,
    `NETCONF_EVENT_ID=${event.id}`,
    `NETCONF_CAUSE=${event.cause ?? ''}`,
    `NETCONF_SOURCE=${event.source}`,
    `NETCONF_SOCKET=${socket}`,
    `NETCONF_REPLAYED=${event.replayed ? '1' : ''}`,
  ];
  const found = stateTexts(event.data) ?? textsOf(dataTexts(event.data, notes));
  const texts = [...known, ...found.all];
  const added = hook?.(() => Object.fromEntries(texts.map(pairOf)), event);
  const all =
    added === undefined
      ? { all: texts, length: lengthOf(known) + found.length }
      : textsOf(withAdded(texts, added, notes));
  return { variables: withinBounds(all, notes), notes };
}

/** What scripts see of an event, by name: what `environment` taps and the runner itself add is not among it. */
export function variablesOf(event: Event): Record<string, string> {
  const { NETCONF_SOCKET: _, ...variables } = Object.fromEntries(
    buildEnvironment(event, '').variables.map(pairOf),
  );
  return variables;
}

function pairOf(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** With what plugins say: new variables, and other values for those of the data. */
function withAdded(
  texts: readonly string[],
  added: Readonly<Record<string, string>>,
  notes: string[],
): readonly string[] {
  const all = new Map(texts.map(pairOf));
  for (const [name, value] of Object.entries(added)) {
    if (all.get(name) === value || fixed.has(name)) continue;
    const fault = faultOf(isName(name) && !name.startsWith('LD_'), String(value));
    if (fault === undefined) all.set(name, String(value));
    else notes.push(`${name.slice(0, 64)} left out of the environment: ${fault}`);
  }
  return Array.from(all, ([name, value]) => `${name}=${value}`);
}

/** Each scalar of the data once: of two that come to one name the last counts. */
function dataTexts(data: object, notes: string[]): string[] {
  const all = new Map<string, string>();
  let left = mostVariables;
  flatten(data, root, deepest, ({ name, good }, value) => {
    if (left-- <= 0 || fixed.has(name)) return;
    const fault = faultOf(good, value);
    if (fault === undefined) all.set(name, value);
    else notes.push(`${name.slice(0, 64)} left out of the environment: ${fault}`);
  });
  if (left < 0) notes.push(`${-left} variables left out of the environment: more than ${mostVariables}`);
  return Array.from(all, ([name, value]) => `${name}=${value}`);
}

function faultOf(good: boolean, value: string): string | undefined {
  if (!good) return 'no script may get a variable of this name';
  return value.includes('\0') ? 'its value holds a NUL' : undefined;
}

/** Variables as `NAME=VALUE`, and how many characters they have together, each with its NUL. */
interface Texts {
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
function stateTexts(data: object): Texts | undefined {
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

function textsOf(all: readonly string[]): Texts {
  return { all, length: lengthOf(all) };
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length + 1, 0);
}

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

const fixed: ReadonlySet<string> = new Set([
  'PATH',
  'IFACE',
  'NETCONF_EVENT',
  'NETCONF_EVENT_ID',
  'NETCONF_CAUSE',
  'NETCONF_SOURCE',
  'NETCONF_SOCKET',
  'NETCONF_REPLAYED',
]);

/** A variable's name; `good` where a shell takes it. */
interface Name {
  name: string;
  good: boolean;
  /** Names below it, as far as they are remembered: the same few come again and again. */
  below?: Map<string, Name>;
}

type Found = (name: Name, value: string) => void;

const root: Name = { name: 'NETCONF', good: true };
const tail: Name = { name: '', good: true };
let remembered = 0;
const mostRemembered = 4096;

/** Calls `found` for each scalar below `value`. No name from here begins with `LD_`. */
function flatten(value: unknown, name: Name, depth: number, found: Found): void {
  if (isScalar(value)) found(name, String(value));
  else if (value === null || typeof value !== 'object' || depth === 0) return;
  else if (!Array.isArray(value)) {
    for (const key of Object.keys(value)) {
      flatten((value as Record<string, unknown>)[key], nameBelow(name, key), depth - 1, found);
    }
  } else if (value.every(isScalar)) {
    found(name, value.join(' '));
  } else {
    for (const [index, item] of value.entries())
      flatten(item, nameBelow(name, String(index)), depth - 1, found);
  }
}

function isScalar(value: unknown): boolean {
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'bigint';
}

function nameBelow(parent: Name, key: string): Name {
  const known = parent.below?.get(key);
  if (known !== undefined) return known;
  const suffix = `_${key.toUpperCase().replace(/[-.]/g, '_')}`;
  const made: Name = { name: parent.name + suffix, good: parent.good && isName(suffix) };
  if (remembered < mostRemembered && key.length < 64) {
    remembered++;
    parent.below ??= new Map();
    parent.below.set(key, made);
  }
  return made;
}

function isName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** As `NAME=VALUE`; where that is more than the kernel takes, without the largest. */
function withinBounds({ all: texts, length }: Texts, notes: string[]): readonly string[] {
  // A text has at most three times as many bytes in UTF-8, so most need no counting.
  if (length * 3 <= longestVariable) return texts;
  const sized = texts.map(text => ({ text, bytes: Buffer.byteLength(text) + 1 }));
  let total = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  const dropped = new Set<string>();
  for (const { text, bytes } of sized.toSorted((a, b) => b.bytes - a.bytes)) {
    const name = text.slice(0, text.indexOf('='));
    if (fixed.has(name) || (total <= mostBytes && bytes <= longestVariable)) continue;
    dropped.add(text);
    total -= bytes;
    notes.push(`${name.slice(0, 64)} left out of the environment: ${bytes} bytes are too many`);
  }
  return texts.filter(text => !dropped.has(text));
}
