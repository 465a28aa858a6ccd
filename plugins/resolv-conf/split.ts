import { type Merged, sourceOf } from './merge.ts';
import { allOf, isForAll } from './scope.ts';

/**
 * What dnsmasq(8) reads with `--servers-file`: names of an interface's search domains go to its servers, all others to
 * the servers that are for all.
 */
export function serversFile({ parts }: Merged): string {
  const lines = ['# Written by netconf: resolv-conf'];
  for (const part of parts) {
    const servers = allOf(part, 'servers');
    if (servers.length === 0) continue;
    lines.push(`# ${part.interface}: ${[...new Set(part.contributions.map(sourceOf))].join(', ')}`);
    for (const domain of allOf(part, 'search').filter(one => one !== '.'))
      lines.push(...servers.map(server => `server=/${domain}/${server}`));
    if (isForAll(part, parts)) lines.push(...servers.map(server => `server=${server}`));
  }
  return `${lines.join('\n')}\n`;
}
