/** Something that is put in order after what it needs. */
export interface Needy {
  name: string;
  needs: readonly string[];
}

/**
 * Puts plugins into the order in which they are applied: each after those that it needs, otherwise in the order given.
 * What cannot be satisfied is left out with a sentence: a missing need, or a cycle, which is printed.
 */
export function inOrder<T extends Needy>(
  plugins: readonly T[],
  present: ReadonlySet<string> = new Set(),
): {
  ordered: T[];
  left: { plugin: T; reason: string }[];
} {
  const byName = new Map(plugins.map(plugin => [plugin.name, plugin]));
  const ordered: T[] = [];
  const reasons = new Map<string, string>();
  const done = new Set(present);

  const visit = (plugin: T, path: readonly string[]): boolean => {
    if (done.has(plugin.name)) return true;
    if (reasons.has(plugin.name)) return false;
    if (path.includes(plugin.name)) {
      const cycle = [...path.slice(path.indexOf(plugin.name)), plugin.name];
      for (const name of cycle) reasons.set(name, `needs form a cycle: ${cycle.join(' → ')}`);
      return false;
    }
    for (const need of plugin.needs) {
      const other = byName.get(need);
      if (done.has(need) || (other !== undefined && visit(other, [...path, plugin.name]))) continue;
      if (!reasons.has(plugin.name)) {
        reasons.set(
          plugin.name,
          `needs the plugin ${need}, which is ${other === undefined ? 'not there' : 'not loaded'}`,
        );
      }
      return false;
    }
    done.add(plugin.name);
    ordered.push(plugin);
    return true;
  };

  for (const plugin of plugins) visit(plugin, []);
  const left = plugins.flatMap(plugin => {
    const reason = reasons.get(plugin.name);
    return reason === undefined ? [] : [{ plugin, reason }];
  });
  return { ordered, left };
}
