/**
 * A small reader of Varlink's interface definition language (varlink.org/Interface-Definition), strict enough to
 * find what `varlinkctl` and the other parsers would refuse. Types come back as text without blanks.
 */
export interface Description {
  name: string;
  methods: Map<string, { in: Fields; out: Fields }>;
  types: Map<string, Fields | string[]>;
  errors: Map<string, Fields>;
}

/** Field name to type, such as `?[]string`. */
export type Fields = Map<string, string>;

const builtin = new Set(['bool', 'int', 'float', 'string', 'object']);

export function readDescription(text: string): Description {
  const tokens = [
    ...text.replace(/#.*$/gm, '').matchAll(/->|\[\]|\[string\]|[?(),:]|[A-Za-z0-9_.-]+|\S/g),
  ].map(match => match[0]);
  let at = 0;
  const used: string[] = [];
  const fail = (what: string): never => {
    throw new SyntaxError(`${what} expected before: ${tokens.slice(at, at + 5).join(' ')}`);
  };
  const eat = (token: string) => {
    if (tokens[at++] !== token) fail(token);
  };
  const name = (shape: RegExp): string =>
    shape.test(tokens[at] ?? '') ? tokens[at++]! : fail(String(shape));
  const symbol = () => name(/^[A-Z][A-Za-z0-9]*$/);
  const field = () => name(/^[A-Za-z](_?[A-Za-z0-9])*$/);

  function type(): string {
    if (tokens[at] === '?') {
      at++;
      if (tokens[at] === '?') fail('a type');
      return `?${type()}`;
    }
    if (tokens[at] === '[]' || tokens[at] === '[string]') return tokens[at++]! + type();
    if (tokens[at] === '(') return `(${[...struct()].map(([key, value]) => `${key}:${value}`).join()})`;
    if (builtin.has(tokens[at] ?? '')) return tokens[at++]!;
    const named = symbol();
    used.push(named);
    return named;
  }

  function struct(): Fields {
    const fields: Fields = new Map();
    eat('(');
    while (tokens[at] !== ')') {
      if (fields.size > 0) eat(',');
      const key = field();
      if (fields.has(key)) fail(`another name than ${key}`);
      eat(':');
      fields.set(key, type());
    }
    eat(')');
    return fields;
  }

  /** `(a, b)`: an enumeration; `(a: …)`: a structure. */
  function structOrEnum(): Fields | string[] {
    if (tokens[at + 2] === ':' || tokens[at + 1] === ')') return struct();
    const members: string[] = [];
    eat('(');
    for (;;) {
      members.push(field());
      if (tokens[at] === ')') break;
      eat(',');
    }
    eat(')');
    return members;
  }

  eat('interface');
  const description: Description = {
    name: name(/^[a-z]([-]*[a-z0-9])*(\.[a-z0-9]([-]*[a-z0-9])*)+$/),
    methods: new Map(),
    types: new Map(),
    errors: new Map(),
  };
  const symbols = new Set<string>();
  while (at < tokens.length) {
    const kind = tokens[at++];
    const member = symbol();
    if (symbols.has(member)) fail(`another name than ${member}`);
    symbols.add(member);
    if (kind === 'method') {
      const given = struct();
      eat('->');
      description.methods.set(member, { in: given, out: struct() });
    } else if (kind === 'type') description.types.set(member, structOrEnum());
    else if (kind === 'error') description.errors.set(member, struct());
    else fail('method, type or error');
  }
  for (const each of used)
    if (!description.types.has(each)) throw new SyntaxError(`type ${each} is not defined`);
  return description;
}
