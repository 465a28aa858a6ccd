import type { Word } from '../../core/base/text/lines.ts';
import type { Position } from '../../core/base/text/problem.ts';

/**
 * A policy as it is written in one file: who may ask for what, which steps an operation takes, and what to do when
 * something happens. Every value knows where it stands.
 */
export interface Policy {
  requests: ReadonlyMap<RequestName, RequestSection>;
  /** By step. */
  steps: ReadonlyMap<string, StepSection>;
  /** By event. */
  events: ReadonlyMap<string, EventSection>;
}

export const requestNames = ['IFUP', 'IFDOWN', 'EMIT', 'MANAGE'] as const;

/** The sections that say who may; the words are those of the contract's requests. */
export type RequestName = (typeof requestNames)[number];

export interface RequestSection extends Position {
  /** Users (`alice`, `1000`) and groups (`@netdev`, `@27`), of all its lines. */
  allow: readonly Word[];
  /** Interfaces that must be up first. */
  prerequisites: readonly Word[];
  /** The first step. */
  start?: Word;
}

export interface StepSection extends Position {
  /** By name: what the step's plugin makes of it is its own matter. */
  parameters: ReadonlyMap<string, Word>;
  /** Outcome to the step to go on with. */
  next: ReadonlyMap<string, Word>;
  retry?: Retry;
}

export interface Retry extends Position {
  times: number;
  /** Before the first time. */
  seconds: number;
}

export interface EventSection extends Position {
  actions: readonly Action[];
}

export const deeds = ['ifup', 'ifdown', 'publish', 'poweroff', 'emit'] as const;

/** A `do` line. */
export interface Action extends Position {
  deed: (typeof deeds)[number];
  /** The event that `emit` emits. */
  event?: string;
}

/** Where an operation starts unless the policy says otherwise. */
export const firstStep = 'ENI';

/** What an operation starts with. */
export function startOf(policy: Policy): string {
  return policy.requests.get('IFUP')?.start?.text ?? firstStep;
}
