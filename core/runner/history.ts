import { anyGlob } from '../base/glob.ts';
import type { Event } from '../bus/event.ts';
import type { HistoryEntry, HistoryParameters, Run } from '../control/api.ts';
import { Ring } from './ring.ts';

export interface HistorySizes {
  /** Events with hook runs, refusals, or that were held or dropped. */
  hooks: number;
  /** Other events. */
  events: number;
  /** Route, rule and neighbour events, whatever became of them. */
  storm: number;
}

export const defaultSizes: HistorySizes = { hooks: 1000, events: 1000, storm: 1000 };

/** An event and what has become of it so far. Changes until its state is final. */
export interface Record {
  readonly event: Event;
  state: HistoryEntry['state'];
  readonly runs: Run[];
  refused: HistoryEntry['refused'];
  superseded?: number[];
  reason?: string;
}

/** Characters of output that all runs together may keep. */
const mostOutput = 8 * 1024 * 1024;
const usualLimit = 100;
const storms: ReadonlySet<string> = new Set(['route', 'rule', 'neighbour']);

/**
 * The latest events and their hook runs, in three rings, so that a storm of routes pushes no run out, and plain events
 * none either. What is held in the rings of events is the event alone, its data still unread.
 */
export class History {
  readonly #hooks: Ring<Record>;
  readonly #events: Ring<Event>;
  readonly #storm: Ring<Event | Record>;
  readonly #outputs: { run: Run; length: number }[] = [];
  #output = 0;

  constructor(sizes: HistorySizes = defaultSizes) {
    this.#hooks = new Ring(sizes.hooks);
    this.#events = new Ring(sizes.events);
    this.#storm = new Ring(sizes.storm);
  }

  resize(sizes: HistorySizes): void {
    this.#hooks.resize(sizes.hooks);
    this.#events.resize(sizes.events);
    this.#storm.resize(sizes.storm);
  }

  /** An event that no script wants. */
  addPlain(event: Event): void {
    (storms.has(event.family) ? this.#storm : this.#events).push(event);
  }

  /** An event with a fate. */
  add(record: Record): void {
    (storms.has(record.event.family) ? this.#storm : this.#hooks).push(record);
  }

  /** One of its runs has ended. A failed run of a storm's event is worth a place among the hook runs. */
  ended(record: Record, run: Run): void {
    if (storms.has(record.event.family) && failed(run) && record.runs.filter(failed).length === 1) {
      this.#hooks.push(record);
    }
    if (run.output === '') return;
    this.#outputs.push({ run, length: run.output.length });
    this.#output += run.output.length;
    while (this.#output > mostOutput) {
      const oldest = this.#outputs.shift();
      if (oldest === undefined) break;
      this.#output -= oldest.length;
      oldest.run.output = '';
    }
  }

  find(id: number): HistoryEntry | undefined {
    return this.query({ id })[0];
  }

  /** Oldest first. */
  query(parameters: HistoryParameters = {}): HistoryEntry[] {
    const { id, failed: onlyFailed, limit = usualLimit, storm = false } = parameters;
    const name = anyGlob(parameters.names);
    const on = anyGlob(parameters.interfaces);
    const found = new Map<number, Event | Record>();
    const rings = [this.#events, ...(storm || id !== undefined ? [this.#storm] : []), this.#hooks];
    for (const ring of rings) {
      for (const item of ring) {
        const event = eventOf(item);
        if (id !== undefined ? event.id !== id : !name(event.name) || !on(event.interface)) continue;
        if (onlyFailed && !hasFailed(item)) continue;
        found.set(event.id, item);
      }
    }
    const all = [...found.values()].sort((a, b) => eventOf(a).id - eventOf(b).id);
    return all.slice(Math.max(0, all.length - limit)).map(toEntry);
  }
}

/** As it travels on the control socket. A copy: it does not change any more. */
export function toEntry(item: Event | Record): HistoryEntry {
  if (!('runs' in item)) return { event: item.toJSON(), state: 'none', runs: [], refused: [] };
  const { event, state, runs, refused, superseded, reason } = item;
  return {
    event: event.toJSON(),
    state,
    runs: runs.map(run => ({ ...run, ...(isRunning(run) && { ms: Date.now() - run.started }) })),
    refused: [...refused],
    ...(superseded !== undefined && { superseded: [...superseded] }),
    ...(reason !== undefined && { reason }),
  };
}

/** Did this run end otherwise than with status 0, or with something refused? */
export function failed(run: Run): boolean {
  return !isRunning(run) && (run.status !== 0 || run.error !== undefined || run.timedOut === true);
}

function isRunning(run: Run): boolean {
  return run.ms === 0;
}

function hasFailed(item: Event | Record): boolean {
  return 'runs' in item && (item.refused.length > 0 || item.runs.some(failed));
}

function eventOf(item: Event | Record): Event {
  return 'runs' in item ? item.event : item;
}
