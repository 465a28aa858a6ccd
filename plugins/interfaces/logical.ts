import type { Netconf, Operation } from 'netconf/plugin';
import { fnmatch } from './match/fnmatch.ts';
import type { Mapping } from './parse/model.ts';
import { placeText } from './parse/place.ts';
import { trimEnd } from './parse/text.ts';

/**
 * The logical interface that mapping stanzas lead to: the script of each whose pattern matches is told the interface
 * and prints the name that the next pattern is matched with. Throws an Error with the place for a script that fails.
 */
export async function logicalName(
  netconf: Netconf,
  operation: Operation,
  mappings: readonly Mapping[],
): Promise<string> {
  let name = operation.logical;
  if (operation.options.noMappings) return name;
  for (const mapping of mappings) {
    if (mapping.patterns.some(pattern => fnmatch(pattern, name)))
      name = await ask(netconf, operation, mapping);
  }
  return name;
}

async function ask(netconf: Netconf, operation: Operation, { script, map, place }: Mapping): Promise<string> {
  const where = placeText(place);
  if (script === undefined) throw new Error(`${where}: a mapping needs a script`);
  if (!script.startsWith('/')) throw new Error(`${where}: the script ${script} is no absolute path`);
  const trust = netconf.trust(script);
  if ('reason' in trust) throw new Error(`${where}: ${script} is not run: ${trust.reason}`);
  operation.progress(`mapping script ${script}`);
  // Only what it prints is the name: what it complains about goes elsewhere.
  const run = await netconf.run({
    path: '/bin/sh',
    argv: ['-c', 'exec "$0" "$1" 2>/dev/null', script, operation.interface],
    environment: {},
    input: map.map(line => `${line}\n`).join(''),
    operation,
  });
  if (run.status !== 0) throw new Error(`${where}: error trying to executing mapping script ${script}`);
  const [line = ''] = run.output.split('\n');
  if (run.output === '') throw new Error(`${where}: no output from mapping script ${script}`);
  return trimEnd(line.slice(0, 79));
}
