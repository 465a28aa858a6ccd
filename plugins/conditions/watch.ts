import { type Event, variablesOf } from 'netconf/plugin';
import { globMatches } from '../../core/base/glob.ts';
import { type Condition, type Expression, isState, type Pattern } from './model.ts';
import { printExpression } from './print.ts';

/** What an event has done to a condition: it came true, or it is no longer true. */
export type Turn = 'met' | 'ended' | undefined;

/** What has to be remembered of a condition, to go on after a restart. */
export interface Memory {
  /** Of each event and span in the order of the expression: has it happened; for which interfaces does it hold? */
  leaves: readonly (boolean | readonly string[])[];
  held: boolean;
}

interface EventLeaf {
  kind: 'event';
  event: Pattern;
  happened: boolean;
}

interface SpanLeaf {
  kind: 'span';
  from: Pattern;
  until: Pattern;
  /** Interfaces for which it holds; the empty name for events that are about none. */
  holds: Set<string>;
}

type Node = EventLeaf | SpanLeaf | { kind: 'and' | 'or'; all: readonly Node[] } | { kind: 'not'; what: Node };

/** Interfaces that a span can hold for at once. */
const mostInterfaces = 1024;

/**
 * The present state of one condition. An event that has happened waits for the rest of its expression, and is used up
 * when the condition comes true: so it can come true again, each time its events have happened again. A span holds for
 * each interface of its own, ends with the interface, and holds as long as it does for any.
 */
export class Watch {
  readonly condition: Condition;
  readonly #root: Node;
  readonly #leaves: (EventLeaf | SpanLeaf)[] = [];
  readonly #isState: boolean;
  #held = false;

  constructor(condition: Condition) {
    this.condition = condition;
    this.#isState = isState(condition.on);
    this.#root = this.#nodeOf(condition.on);
    this.#held = this.#isState && holds(this.#root);
  }

  /** What was there before the daemon started ends and begins spans, and is no event that happens. */
  see(event: Event): Turn {
    let changed = false;
    for (const leaf of this.#leaves) {
      changed = (leaf.kind === 'span' ? spanSees(leaf, event) : eventSees(leaf, event)) || changed;
    }
    return changed ? this.#turn() : undefined;
  }

  #turn(): Turn {
    const met = holds(this.#root);
    if (this.#isState) {
      if (met === this.#held) return undefined;
      this.#held = met;
      return met ? 'met' : 'ended';
    }
    if (met) useUp(this.#root);
    return met ? 'met' : undefined;
  }

  /** Forgets interfaces that are not there any more: those that have gone while no daemon ran. */
  keepOnly(present: ReadonlySet<string>): Turn {
    for (const leaf of this.#leaves) {
      if (leaf.kind !== 'span') continue;
      for (const name of leaf.holds) if (name !== '' && !present.has(name)) leaf.holds.delete(name);
    }
    return this.#turn();
  }

  /** What this event would do; nothing is remembered of it. */
  wouldSee(event: Event): Turn {
    const memory = this.memory;
    const turn = this.see(event);
    this.recall(memory);
    return turn;
  }

  /** Is it about this event? */
  wants(event: Event): boolean {
    return this.#leaves.some(leaf =>
      leaf.kind === 'event'
        ? matches(leaf.event, event)
        : matches(leaf.from, event) || matches(leaf.until, event),
    );
  }

  get memory(): Memory {
    const leaves = this.#leaves.map(leaf => (leaf.kind === 'event' ? leaf.happened : [...leaf.holds]));
    return { leaves, held: this.#held };
  }

  /** A memory of another shape is none. */
  recall({ leaves, held }: Memory): void {
    const fits = (leaf: EventLeaf | SpanLeaf, known: Memory['leaves'][number] | undefined) =>
      leaf.kind === 'event' ? typeof known === 'boolean' : Array.isArray(known);
    if (leaves.length !== this.#leaves.length || !this.#leaves.every((leaf, at) => fits(leaf, leaves[at])))
      return;
    for (const [at, leaf] of this.#leaves.entries()) {
      if (leaf.kind === 'event') leaf.happened = leaves[at] as boolean;
      else leaf.holds = new Set(leaves[at] as string[]);
    }
    this.#held = held;
  }

  /** The expression with the state of each part. */
  toString(): string {
    const states = this.#leaves.values();
    return printExpression(this.condition.on, () => ` [${stateOf(states.next().value!)}]`);
  }

  /** In words: what it waits for, or that it holds. */
  get state(): string {
    if (!this.#isState) return 'waits';
    return this.#held ? 'holds' : 'does not hold';
  }

  #nodeOf(expression: Expression): Node {
    switch (expression.kind) {
      case 'event':
        return this.#leaf({ kind: 'event', event: expression.event, happened: false });
      case 'span':
        return this.#leaf({ ...expression, holds: new Set() });
      case 'not':
        return { kind: 'not', what: this.#nodeOf(expression.what) };
      default:
        return { kind: expression.kind, all: expression.all.map(one => this.#nodeOf(one)) };
    }
  }

  #leaf<Leaf extends EventLeaf | SpanLeaf>(leaf: Leaf): Leaf {
    this.#leaves.push(leaf);
    return leaf;
  }
}

function eventSees(leaf: EventLeaf, event: Event): boolean {
  if (event.replayed || leaf.happened || !matches(leaf.event, event)) return false;
  leaf.happened = true;
  return true;
}

function spanSees({ from, until, holds: names }: SpanLeaf, event: Event): boolean {
  const before = names.size > 0;
  const on = event.interface ?? '';
  if (event.name === 'link.removed') names.delete(on);
  if (event.name === 'link.renamed') rename(names, event as Event<{ old?: { ifname?: string } }>);
  if (matches(until, event)) {
    if (on === '') names.clear();
    names.delete('');
    names.delete(on);
  }
  if (matches(from, event) && names.size < mostInterfaces) names.add(on);
  return names.size > 0 !== before;
}

function rename(
  names: Set<string>,
  { interface: now = '', data }: Event<{ old?: { ifname?: string } }>,
): void {
  if (names.delete(data.old?.ifname ?? '')) names.add(now);
}

function holds(node: Node): boolean {
  switch (node.kind) {
    case 'event':
      return node.happened;
    case 'span':
      return node.holds.size > 0;
    case 'not':
      return !holds(node.what);
    default:
      return node.kind === 'and' ? node.all.every(holds) : node.all.some(holds);
  }
}

/** The events that made it true have done their part; others go on waiting. */
function useUp(node: Node): void {
  if (node.kind === 'event') node.happened = false;
  else if (node.kind === 'and') node.all.forEach(useUp);
  else if (node.kind === 'or') node.all.filter(holds).forEach(useUp);
}

function stateOf(leaf: EventLeaf | SpanLeaf): string {
  if (leaf.kind === 'event') return leaf.happened ? 'has happened' : 'has not happened';
  if (leaf.holds.size === 0) return 'does not hold';
  const names = [...leaf.holds].filter(name => name !== '');
  return names.length === 0 ? 'holds' : `holds for ${names.join(' ')}`;
}

function matches({ name, where }: Pattern, event: Event): boolean {
  if (name !== event.name && !isMeant(name, event)) return false;
  if (where.length === 0) return true;
  const variables = variablesFor(event);
  return where.every(({ key, glob }) => {
    const found = [key, `NETCONF_${key.toUpperCase()}`].find(one => Object.hasOwn(variables, one));
    return found !== undefined && globMatches(glob, variables[found]!);
  });
}

/** Not what conditions tell of themselves: what one does would bring about the next, without end. */
function isMeant(glob: string, event: Event): boolean {
  return /[*?]/.test(glob) && event.family !== 'condition' && globMatches(glob, event.name);
}

/** Worked out once for an event, however many conditions look. */
const known = new WeakMap<Event, Readonly<Record<string, string>>>();

function variablesFor(event: Event): Readonly<Record<string, string>> {
  const made = known.get(event) ?? variablesOf(event);
  known.set(event, made);
  return made;
}
