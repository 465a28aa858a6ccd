import type { DhcpReport, Lease } from '../bus/lease.ts';
import { Refusal } from './refusal.ts';

/** What is being found out of a lease, before it is known to be one. */
export type Draft = Partial<Omit<Lease, 'family' | 'client' | 'since' | 'pid'>>;

/** Takes one option's value into the draft; throws {@link Refusal}. */
export type Take = (draft: Draft, text: string) => void;

export type Refused = NonNullable<DhcpReport['refused']>;

/** Puts what `parse` makes of the value into one field. Undefined leaves the field out. */
export function into<Field extends keyof Draft>(
  field: Field,
  parse: (text: string) => Draft[Field] | undefined,
): Take {
  return (draft, text) => {
    const value = parse(text);
    if (value !== undefined) draft[field] = value;
  };
}

/** A value that counts only where another option has not said the same better already. */
export function unlessThere<Field extends keyof Draft>(
  field: Field,
  parse: (text: string) => Draft[Field] | undefined,
): Take {
  const take = into(field, parse);
  return (draft, text) => {
    if (draft[field] === undefined) take(draft, text);
  };
}

/** Lets `take` have one value; what it refuses is named. */
export function attempt(option: string, refused: Refused, take: () => void): void {
  try {
    take();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused.push({ option, reason: error.message });
  }
}
