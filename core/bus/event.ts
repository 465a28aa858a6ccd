import { now } from '../base/clock.ts';

/**
 * An event: a fact that happened. Immutable; `data` may be worked out only when somebody looks, because in a storm
 * of routes nobody does.
 */
export interface EventFields {
  /** Where the fact comes from. */
  source: Source;
  /** Name of the interface that it concerns. */
  interface?: string | undefined;
  /** Kernel index of that interface: the queue key of hook scripts, stable across renames. */
  ifindex?: number | undefined;
  /** The event that led to this one. */
  cause?: Event | undefined;
  /** Told again at start or to a late plugin; not new. */
  replayed?: boolean;
  /** The data, or how to work it out at the first look. */
  data?: object | (() => object);
}

/** Characters of JSON that the data of an event from a plugin or a client may have: the history keeps thousands. */
export const mostData = 65_536;

/** Who brought the fact: a source of the core, a plugin by name, a script by path, a client by uid. */
export type Source =
  | 'netlink'
  | 'control'
  | 'dhcp'
  | 'daemon'
  | `plugin:${string}`
  | `script:${string}`
  | `user:${number}`;

/** An event as JSON, on the control socket, on a script's standard input and in `--json` output. */
export interface EventJson {
  id: number;
  name: string;
  /** Milliseconds since the epoch. */
  time: number;
  source: string;
  interface?: string;
  ifindex?: number;
  /** Id of the event that led to this one. */
  cause?: number;
  replayed?: true;
  data: object;
}

export class Event<Data extends object = object> {
  /** Counts up for a daemon's life. */
  readonly id: number;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly source: Source;
  readonly interface: string | undefined;
  readonly ifindex: number | undefined;
  /** Id of the event that led to this one. */
  readonly cause: number | undefined;
  readonly replayed: boolean;
  /** Length of the chain of causes: 0 without a cause. */
  readonly depth: number;
  /** Ids of the causes, the nearest first, as far as the loop guard needs them. */
  readonly chain: readonly number[];
  #data: Data | (() => Data);
  #json: string | undefined;

  constructor(id: number, name: string, fields: EventFields) {
    this.id = id;
    this.name = name;
    this.time = now();
    this.source = fields.source;
    this.interface = fields.interface;
    this.ifindex = fields.ifindex;
    this.cause = fields.cause?.id;
    this.replayed = fields.replayed === true;
    this.depth = fields.cause === undefined ? 0 : fields.cause.depth + 1;
    this.chain = fields.cause === undefined ? none : [fields.cause.id, ...fields.cause.chain].slice(0, 16);
    this.#data = (fields.data ?? {}) as Data | (() => Data);
  }

  get data(): Data {
    if (typeof this.#data === 'function') this.#data = this.#data();
    return this.#data;
  }

  /** The family: what stands before the first dot (`link` of `link.carrier`); the whole name without one. */
  get family(): string {
    return familyOf(this.name);
  }

  /** One line of JSON, made once and shared by all who want it. */
  get line(): string {
    if (this.#json === undefined) {
      const { data, ...envelope } = this.toJSON();
      this.#json = `${JSON.stringify(envelope).slice(0, -1)},"data":${jsonOf(data)}}`;
    }
    return this.#json;
  }

  toJSON(): EventJson {
    return {
      id: this.id,
      name: this.name,
      time: this.time,
      source: this.source,
      ...(this.interface !== undefined && { interface: this.interface }),
      ...(this.ifindex !== undefined && { ifindex: this.ifindex }),
      ...(this.cause !== undefined && { cause: this.cause }),
      ...(this.replayed && { replayed: true as const }),
      data: this.data,
    };
  }
}

const none: readonly number[] = [];

/** The JSON of states that nobody changes any more: the new one is soon the old one. */
const texts = new WeakMap<object, string>();

function jsonOf(data: object): string {
  const states = Object.entries(data);
  const isState = ([key, state]: [string, unknown]) =>
    (key === 'old' || key === 'new') && typeof state === 'object' && state !== null && Object.isFrozen(state);
  if (!states.every(isState)) return JSON.stringify(data);
  return `{${states.map(([key, state]) => `"${key}":${textOf(state)}`).join()}}`;
}

function textOf(state: object): string {
  const known = texts.get(state);
  if (known !== undefined) return known;
  const made = JSON.stringify(state);
  texts.set(state, made);
  return made;
}

export function familyOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}
