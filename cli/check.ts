import { messageOf, NetconfError } from '../core/base/errors.ts';
import { levelsOf } from '../core/base/levels.ts';
import { type Loaded, loadConfiguration } from '../core/config/load.ts';
import { PolicyDirectories } from '../plugins/policy/directories.ts';
import { checkConditions } from './check-conditions.ts';
import { checkHooks } from './check-hooks.ts';
import { checkInterfaces } from './check-interfaces.ts';
import { checkNetwork } from './check-network.ts';
import { checkPlugins } from './check-plugins.ts';
import { checkPolicies } from './check-policies.ts';
import { checkPolicyFiles } from './check-policy-files.ts';
import { checkStanzas, checkStray } from './check-stanzas.ts';
import { type Finding, findingOf } from './finding.ts';

export interface CheckOptions {
  config?: string | undefined;
  hooks: readonly string[];
  plugins: readonly string[];
  policies: readonly string[];
}

/** What the checks looked at, and what they found: all of it, not only the first mistake. */
export interface Report {
  configuration: string | null;
  hooks: string[];
  plugins: string[];
  policies: string[];
  /** The interfaces(5) file. */
  interfaces: string | null;
  /** Files of that kind that policies name beside it. */
  files: string[];
  /** The directory of conditions. */
  conditions: string | null;
  /** The network file. */
  network: string | null;
  findings: Finding[];
}

/** Looks at configuration, hook directories, plugins, policies, interfaces(5), conditions and the network file as a daemon would at its start, and changes nothing. */
export async function check({ config, hooks, plugins, policies }: CheckOptions): Promise<Report> {
  const findings: Finding[] = [];
  let loaded: Loaded | undefined;
  try {
    loaded = await loadConfiguration(config);
  } catch (error) {
    const hint = error instanceof NetconfError ? error.hint : undefined;
    const lines = messageOf(error).split('\n');
    findings.push(...lines.map(line => findingOf(line, config ?? '/etc/netconf', hint)));
  }
  const paths = loaded?.configuration.paths;
  const hookLevels = levelsOf('hooks.d', hooks.length > 0 ? hooks : (paths?.hooks ?? []));
  const pluginLevels = levelsOf('plugins', plugins.length > 0 ? plugins : (paths?.plugins ?? []));
  const policyLevels = levelsOf('policy.d', policies.length > 0 ? policies : (paths?.policy ?? []));
  const loadable = await checkPlugins(pluginLevels, loaded);
  findings.push(...checkHooks(hookLevels), ...loadable.findings);
  const interfaces = checkInterfaces(loaded);
  findings.push(...checkStanzas(loadable.checked, interfaces.stanzas, loaded));
  const named = checkPolicyFiles(policyLevels, loaded, [interfaces.file]);
  const conditions = checkConditions(loaded);
  findings.push(...checkPolicies(policyLevels), ...interfaces.findings);
  findings.push(...named.findings, ...conditions.findings);
  const network = checkNetwork(loaded);
  findings.push(...network.findings);
  const directories = new PolicyDirectories(policyLevels);
  // What the network file declares needs no other.
  if (network.file === null)
    findings.push(...checkStray(interfaces.stanzas, loaded, name => directories.fileFor(name) !== undefined));
  return {
    configuration: loaded?.file ?? config ?? null,
    hooks: hookLevels,
    plugins: pluginLevels,
    policies: policyLevels,
    interfaces: interfaces.file,
    files: named.files,
    conditions: conditions.directory,
    network: network.file,
    findings,
  };
}
