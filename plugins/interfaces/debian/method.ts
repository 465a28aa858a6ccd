import type { Convert } from './conversions.ts';

/** What one method of ifupdown is: its default options, what becomes of others, and its command lines. */
export interface DebianMethod {
  /** Set where the stanza has none of the name. */
  defaults?: readonly (readonly [name: string, value: string])[];
  conversions?: readonly Conversion[];
  up: readonly Step[];
  down: readonly Step[];
}

export interface Conversion {
  /** `iface` is the real interface itself. */
  option: string;
  /** The option that takes the result over; with `?` at its end only where it is not there. */
  into?: string;
  convert: Convert;
}

/** A command line's template, one under a condition, or the first of several whose condition holds. */
export type Step = string | When | { first: readonly When[] };

export interface When {
  when: (of: Facts) => boolean;
  run: string;
}

/** What conditions ask for. */
export interface Facts {
  /** The loopback interface, which nobody's stanza sees to. */
  readonly loopback: boolean;
  /** No alias (`eth0:1`) and no VLAN (`eth0.1`). */
  readonly link: boolean;
  /** `ifup -a`. */
  readonly all: boolean;
  /** Nothing is run. */
  readonly noAct: boolean;
  /** The real interface's name has one of these within it. */
  has(separators: string): boolean;
  executable(program: string): boolean;
  /** The option has a value. */
  set(option: string): boolean;
  /** It is a number other than 0, `on`, `true` or `yes`. */
  truthy(option: string): boolean;
  /** It is this, in any case of letters. */
  is(option: string, value: string): boolean;
}

export const always = () => true;
export const isLink = ({ link }: Facts) => link;
