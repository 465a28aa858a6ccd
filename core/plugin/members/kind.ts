import type { Log } from '../../base/log.ts';
import type { Undo } from '../../base/undo.ts';
import type { Event } from '../../bus/event.ts';
import type { OperationResult } from '../../control/api.ts';
import type { KnownStanza, Operation, PluginHooks } from '../hooks.ts';
import type { OptionValues } from '../options-of.ts';
import type { Performer } from '../perform.ts';

/** A kind of links that others belong to: bonds with slaves, bridges with ports. */
export interface MemberKind {
  /** `slave`, `port`: for sentences and for the names of handles. */
  word: string;
  /** The method that lets a link join and leave: IFACE is the master, MEMBER the link. */
  method: string;
  /** The members that a stanza names, in the words of {@link Selection}; undefined where it is about none. */
  wordsOf(options: OptionValues): readonly string[] | undefined;
  /** Members that are made when they are named, are not there, and have no stanza: VLANs. */
  made?: {
    /** The link that one stands on; undefined for one that cannot be made. */
    parentOf(member: string): string | undefined;
    up(member: string, operation?: Operation): Promise<void>;
    /** Takes back what `up` did, if it did anything. */
    down(member: string, operation?: Operation): Promise<void>;
  };
}

/** What one master wants. */
export interface Wish {
  /** As a {@link Selection} has them. */
  words: readonly string[];
  /** What the method sees, for each member. */
  environment: Readonly<Record<string, string>>;
  /** What it sees for one of them beside that, by its name. */
  each: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The part of what a plugin gets that members need. */
export interface MembersHost extends Performer {
  readonly log: Log;
  readonly hooks: Pick<PluginHooks, 'prerequisites' | 'ready'>;
  readonly paths: { readonly run: string };
  on(name: 'interface.found' | 'interface.configured', listener: (event: Event<object>) => unknown): Undo;
  gather(
    name: 'stanzas',
    known: readonly KnownStanza[],
    operation: Operation | undefined,
  ): readonly KnownStanza[];
  operate(
    request: 'ifup' | 'ifdown',
    on: string,
    options: { class?: string; cause?: Event; inside?: Operation },
  ): Promise<OperationResult>;
}
