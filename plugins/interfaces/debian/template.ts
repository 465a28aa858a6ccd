/**
 * ifupdown's templates of command lines: `%name%` is an option's value (`%name/a/b%` with each a in it turned into b),
 * `[[…]]` is left out where an option in it is missing, and a backslash takes the next character as it is.
 */
export function expand(template: string, valueFor: (name: string) => string | undefined): Expansion {
  const missing: string[] = [];
  let text = '';
  /** Of each open `[[`: what stood before it, and whether all in it is there. */
  const open: { before: string; whole: boolean }[] = [];
  for (let at = 0; at < template.length; ) {
    const two = template.slice(at, at + 2);
    if (template[at] === '\\' && two.length === 2) {
      text += two[1];
      at += 2;
    } else if (two === '[[') {
      open.push({ before: text, whole: true });
      at += 2;
    } else if (two === ']]' && open.length > 0) {
      const group = open.pop();
      if (group !== undefined && !group.whole) text = group.before;
      at += 2;
    } else if (template[at] === '%') {
      const end = template.indexOf('%', at + 1);
      const { name, from, to } = readVariable(template.slice(at + 1, end));
      const value = valueFor(name);
      const group = open.at(-1);
      if (value !== undefined) text += from === undefined ? value : value.replaceAll(from, to ?? '');
      else if (group !== undefined) group.whole = false;
      else missing.push(name);
      at = end + 1;
    } else {
      text += template[at];
      at++;
    }
  }
  return missing.length > 0 ? { missing } : { text };
}

/** The command line, or the options that it cannot do without. */
export type Expansion = { text: string; missing?: never } | { missing: string[]; text?: never };

function readVariable(text: string): { name: string; from?: string; to?: string } {
  const [, name, from, to] = /^(.*)\/(.)\/(.)$/.exec(text) ?? [];
  if (name === undefined || from === undefined || to === undefined) return { name: text };
  return { name, from, to };
}
