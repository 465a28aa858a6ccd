import type { Event } from '../bus/event.ts';
import { stateTexts, type Texts } from './state-variables.ts';
import { deepest, faultOf, flatten, isName, mostVariables, root } from './variable-names.ts';

/** Bytes of all variables of one script. The kernel allows a quarter of the stack limit, 2 MiB as a rule (execve(2)). */
const mostBytes = 512 * 1024;
/** One `NAME=VALUE` with its NUL: MAX_ARG_STRLEN of linux/binfmts.h is 32 pages. */
const longestVariable = 128 * 1024 - 1;

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

function textsOf(all: readonly string[]): Texts {
  return { all, length: lengthOf(all) };
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length + 1, 0);
}
