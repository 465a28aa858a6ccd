import type { Word } from '../../core/base/text/lines.ts';
import type { Position } from '../../core/base/text/problem.ts';

/** A file of /etc/netconf/conditions.d says when something is to be done: each condition with what follows. */
export interface Condition extends Position {
  on: Expression;
  /** When it comes true. */
  actions: readonly Action[];
  /** When it is no longer true: only of a condition that is made of spans alone. */
  ending: readonly Action[];
}

export type Expression =
  | { kind: 'event'; event: Pattern }
  /** Holds from one event until another. */
  | { kind: 'span'; from: Pattern; until: Pattern }
  | { kind: 'and' | 'or'; all: readonly Expression[] }
  | { kind: 'not'; what: Expression };

/** An event by name or glob, and what its variables must be. */
export interface Pattern extends Position {
  name: string;
  /** `SSID=home*`: the variable IFACE, or NETCONF_SSID, as scripts see it. */
  where: readonly { key: string; glob: string }[];
}

export const deeds = ['ifup', 'ifdown', 'run', 'emit'] as const;

export interface Action extends Position {
  deed: (typeof deeds)[number];
  /** The interface, the program, the event; of `ifup` and `ifdown` without it: the interface of the event. */
  what?: string;
  /** Data of the event that is emitted. */
  data?: Readonly<Record<string, string>>;
}

export type { Word };

/** Is it made of spans alone? Then it holds for a while, and ends. */
export function isState(expression: Expression): boolean {
  switch (expression.kind) {
    case 'event':
      return false;
    case 'span':
      return true;
    case 'not':
      return isState(expression.what);
    default:
      return expression.all.every(isState);
  }
}
