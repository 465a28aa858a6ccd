/** The JSON of libnftables-json(5), as much of it as is written here. */
export type Expression =
  | string
  | number
  | boolean
  | readonly Expression[]
  | { [key: string]: Expression | null | undefined };

export type Statement = Record<string, Expression | null>;

/** A rule of nftables, before it is in a chain. */
export interface NftRule {
  matches: readonly Statement[];
  /** Instead of a match in `matches`: it came in by one of these links. */
  links?: readonly string[];
  statements: readonly Statement[];
  comment?: string;
  /** Where what it is made of stands, and what it needs of the kernel: for when the kernel refuses it. */
  place?: string;
}

/** A chain; without `hook` it is one that others jump to. */
export interface Chain {
  name: string;
  hook?: { type: 'filter' | 'nat' | 'route'; hook: string; prio: number; policy: 'accept' | 'drop' };
  rules: NftRule[];
}

export const table = { family: 'inet', table: 'netconf' } as const;

export function plainRule(matches: readonly Statement[], ...statements: Statement[]): NftRule {
  return { matches, statements };
}

export function match(left: Expression, right: Expression, op = '=='): Statement {
  return { match: { op, left, right } };
}

export const meta = (key: string): Expression => ({ meta: { key } });
export const payload = (protocol: string, field: string): Expression => ({ payload: { protocol, field } });

/** One value as it is, several as an anonymous set. */
export function oneOf(values: readonly Expression[]): Expression {
  return values.length === 1 ? values[0]! : { set: values };
}

/** What belongs to a connection that is known, errors about it included. */
export const established = {
  match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] },
};

/** What does not. */
export const unknown = match({ ct: { key: 'state' } }, { set: ['established', 'related'] }, '!=');
