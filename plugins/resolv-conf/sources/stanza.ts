import type { Operation } from 'netconf/plugin';
import type { Reading } from '../model.ts';
import { domain, option, Sieve, server, sortPair } from '../values.ts';

/** The options of Debian's resolvconf. */
const names = ['nameserver', 'nameservers', 'search', 'domain', 'options', 'sortlist'] as const;
type Name = (typeof names)[number];

/**
 * What an operation says with `dns-nameservers`, `dns-nameserver`, `dns-search`, `dns-domain`, `dns-options` and
 * `dns-sortlist`: the request (`ifup -o`), else the stanza, else the `[cfg]` section of the step. Undefined without any.
 */
export function ofOperation(operation: Operation): Reading | undefined {
  const { stanza, parameters, options, interface: name } = operation;
  if (stanza.family === 'meta') return undefined;
  const levels = [options.set ?? [], stanza.options, Object.entries(parameters)];
  const valuesOf = (wanted: Name): string[] => {
    for (const level of levels) {
      const found = level.filter(([key]) => optionOf(key) === wanted).map(([, value]) => value);
      if (found.length > 0) return found;
    }
    return [];
  };
  const words = (wanted: Name) =>
    valuesOf(wanted).flatMap(value => value.split(/\s+/).filter(word => word !== ''));
  // Of each `dns-nameserver` the first word, as resolvconf has it.
  const single = valuesOf('nameserver').flatMap(value => /\S+/.exec(value) ?? []);
  const given = [...words('nameservers'), ...single];
  if (given.length === 0 && names.every(each => words(each).length === 0)) return undefined;
  // An alias, eth0:1, is on the link that it stands on.
  const on = name.replace(/:.*$/, '');
  const sieve = new Sieve();
  return {
    servers: sieve.take(given, text => server(text, on, 'own')),
    search: sieve.take([...words('domain'), ...words('search')], text => domain(text, 'own')),
    options: sieve.take(words('options'), option),
    sortlist: sieve.take(words('sortlist'), sortPair),
    refused: sieve.refused,
  };
}

/** `dns-search`, and as options are written with an underscore too, `dns_search`. */
function optionOf(key: string): string | undefined {
  return /^dns[-_](.+)$/.exec(key)?.[1];
}
