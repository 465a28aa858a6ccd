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

/** Adds to the variables of an event: the `environment` hook point. */
export type EnvironmentHook = (
  variables: Readonly<Record<string, string>>,
  event: Event,
) => Readonly<Record<string, string>>;

/**
 * What a script sees: nothing inherited. The fixed names, then each scalar of the event's data at any depth as
 * `NETCONF_<NAME>` (`{new: {ifname}}` is `NETCONF_NEW_IFNAME`; an array of scalars joined by blanks, of objects
 * numbered), then what plugins add. Data and plugins change no fixed name, and `LD_*` never gets in.
 */
export function buildEnvironment(event: Event, socket: string, hook?: EnvironmentHook): Environment {
  const notes: string[] = [];
  const fixed: Record<string, string> = {
    PATH: path,
    IFACE: event.interface ?? '',
    NETCONF_EVENT: event.name,
    NETCONF_EVENT_ID: String(event.id),
    NETCONF_CAUSE: event.cause === undefined ? '' : String(event.cause),
    NETCONF_SOURCE: event.source,
    NETCONF_SOCKET: socket,
    NETCONF_REPLAYED: event.replayed ? '1' : '',
  };
  const all: Record<string, string> = Object.assign(Object.create(null), fixed);
  const add = (name: string, value: string) => {
    if (name in fixed) return;
    const reason = reasonAgainst(name, value);
    if (reason === undefined) all[name] = value;
    else notes.push(`${name.slice(0, 64)} left out of the environment: ${reason}`);
  };
  let left = mostVariables;
  flatten(event.data, 'NETCONF', deepest, (name, value) => {
    if (left-- > 0) add(name, value);
  });
  if (left < 0) notes.push(`${-left} variables left out of the environment: more than ${mostVariables}`);
  if (hook !== undefined) {
    const changed = hook({ ...all }, event);
    for (const [name, value] of Object.entries(changed)) if (all[name] !== value) add(name, String(value));
  }
  return { variables: withinBounds(all, fixed, notes), notes };
}

/** Calls `found` for each scalar below `value`. */
function flatten(
  value: unknown,
  name: string,
  depth: number,
  found: (name: string, value: string) => void,
): void {
  if (value === null || value === undefined || depth === 0) return;
  if (Array.isArray(value)) {
    if (value.every(isScalar)) found(name, value.join(' '));
    else for (const [index, item] of value.entries()) flatten(item, `${name}_${index}`, depth - 1, found);
  } else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      flatten(item, `${name}_${key.toUpperCase().replace(/[-.]/g, '_')}`, depth - 1, found);
    }
  } else if (isScalar(value)) {
    found(name, String(value));
  }
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

function reasonAgainst(name: string, value: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'not a name that a shell takes';
  if (name.startsWith('LD_')) return 'the dynamic linker’s';
  if (value.includes('\0')) return 'its value holds a NUL';
  return undefined;
}

/** Takes the largest out until the rest fits. */
function withinBounds(
  all: Record<string, string>,
  fixed: Record<string, string>,
  notes: string[],
): readonly string[] {
  const sized = Object.entries(all).map(([name, value]) => {
    const text = `${name}=${value}`;
    // No text has more UTF-8 bytes than three times its length, so most need no counting.
    const bytes = text.length * 3 < longestVariable / 64 ? text.length * 3 : Buffer.byteLength(text) + 1;
    return { name, text, bytes };
  });
  let total = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  const dropped = new Set<string>();
  if (total > mostBytes || sized.some(({ bytes }) => bytes > longestVariable)) {
    for (const { name, bytes } of sized.toSorted((a, b) => b.bytes - a.bytes)) {
      if (name in fixed || (total <= mostBytes && bytes <= longestVariable)) continue;
      dropped.add(name);
      total -= bytes;
      notes.push(`${name.slice(0, 64)} left out of the environment: ${bytes} bytes are too many`);
    }
  }
  return sized.filter(({ name }) => !dropped.has(name)).map(({ text }) => text);
}
