import type { Declared } from 'netconf/plugin';
import { linkNames } from '../../core/base/links.ts';
import { expandPatterns, readAttribute } from './match/expand.ts';
import type { Interfaces } from './parse/model.ts';

/** What `auto` and `allow-CLASS` name, patterns replaced by the links that match. */
export function declaredIn({ classes }: Interfaces): Declared[] {
  const found = new Map<string, { interface: string; logical: string; classes: string[] }>();
  let links: string[] | undefined;
  const names = () => {
    links ??= linkNames();
    return links;
  };
  for (const [name, entries] of classes) {
    for (const entry of expandPatterns(entries, { names, attribute: readAttribute })) {
      const at = entry.indexOf('=');
      const iface = at < 0 ? entry : entry.slice(0, at);
      const logical = at < 0 ? entry : entry.slice(at + 1);
      const key = `${iface}=${logical}`;
      const known = found.get(key) ?? { interface: iface, logical, classes: [] };
      known.classes.push(name);
      found.set(key, known);
    }
  }
  return [...found.values()];
}
