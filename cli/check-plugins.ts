import { messageOf, NetconfError } from '../core/base/errors.ts';
import type { Loaded } from '../core/config/load.ts';
import type { Plugin } from '../core/plugin/contract.ts';
import { type Candidate, discover } from '../core/plugin/discover.ts';
import { checkOptions, importPlugin } from '../core/plugin/load.ts';
import type { CheckedPlugin } from './check-stanzas.ts';
import { type Finding, findingOf } from './finding.ts';

/**
 * Imports every plugin of the directories, which by the contract does nothing, and checks its shape, its needs and its
 * options of the configuration: `checked` are those that can be loaded. `apply` is not called.
 */
export async function checkPlugins(
  levels: readonly string[],
  loaded: Loaded | undefined,
): Promise<{ findings: Finding[]; checked: CheckedPlugin[] }> {
  const { candidates, refused } = discover(levels);
  const findings: Finding[] = refused.map(({ file, reason }) => findingOf(reason, file));
  const options = loaded?.configuration.plugins ?? {};
  const wanted = candidates.filter(({ name }) => options[name] !== false);
  const checked: CheckedPlugin[] = [];
  const plugins = new Map<string, { plugin: Plugin; candidate: Candidate }>();
  for (const candidate of wanted) {
    try {
      const plugin = await importPlugin(candidate);
      plugins.set(candidate.name, { plugin, candidate });
      if (loaded === undefined) continue;
      const own = await checkOptions(plugin, options[candidate.name], path =>
        loaded.locate(['plugins', candidate.name, ...path]),
      );
      checked.push({ plugin, options: own });
    } catch (error) {
      findings.push(...findingsOf(error, candidate.file));
    }
  }
  for (const { plugin, candidate } of plugins.values()) {
    for (const need of plugin.needs ?? []) {
      if (!plugins.has(need))
        findings.push(findingOf(`needs the plugin ${need}, which cannot be loaded`, candidate.file));
    }
  }
  const known = new Set([...candidates, ...refused].map(({ name }) => name));
  for (const name of Object.keys(options).filter(one => !known.has(one))) {
    const place = loaded?.locate(['plugins', name]) ?? '';
    findings.push({ severity: 'warning', place, message: `no plugin ${name} in ${levels.join(', ')}` });
  }
  return { findings, checked };
}

function findingsOf(error: unknown, file: string): Finding[] {
  const hint = error instanceof NetconfError ? error.hint : undefined;
  return messageOf(error)
    .split('\n')
    .map(line => findingOf(line, file, hint));
}
