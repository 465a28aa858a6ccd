import type { Operation, StanzaOption } from 'netconf/plugin';

/** Commands of a stanza that phases run; no method needs to see them. */
const commands = new Set(['pre-up', 'up', 'post-up', 'pre-down', 'down', 'post-down']);

/**
 * What a method sees of its stanza: FAMILY, METHOD, LOGICAL, and each option as `IF_<UPPER>`, as ifupdown names them. An
 * option that stands there several times has its values in lines. Where a stanza says nothing, the parameters of the
 * step's `[cfg]` section do; what the request itself sets (`ifup -o`) replaces both.
 */
export function environmentOf(operation: Operation, family?: string): Record<string, string> {
  const { stanza, parameters, logical, options } = operation;
  const values = new Map<string, string[]>();
  const replace = (pairs: Iterable<StanzaOption>) => {
    const own = new Map<string, string[]>();
    for (const [name, value] of pairs) {
      const variable = variableOf(name);
      if (variable !== undefined) own.set(variable, [...(own.get(variable) ?? []), value]);
    }
    for (const [variable, all] of own) values.set(variable, all);
  };
  replace(Object.entries(parameters));
  replace(stanza.options);
  replace(options.set ?? []);
  return {
    FAMILY: family ?? stanza.family,
    METHOD: stanza.method,
    LOGICAL: stanza.logical ?? logical,
    ...Object.fromEntries([...values].map(([variable, all]) => [variable, all.join('\n')])),
  };
}

/** `IF_DAD_ATTEMPTS` of `dad-attempts`; undefined for what is no name of a variable. */
function variableOf(name: string): string | undefined {
  if (commands.has(name) || !/^[A-Za-z0-9_-]+$/.test(name)) return undefined;
  return `IF_${name.replaceAll('-', '_').toUpperCase()}`;
}
