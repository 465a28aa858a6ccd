import { build } from '../../../../plugins/network-file/language/build.ts';
import { filesInMemory } from '../../../../plugins/network-file/language/files.ts';
import type { Model } from '../../../../plugins/network-file/language/model.ts';
import { type Problem, placeOf } from '../../../../plugins/network-file/language/problem.ts';
import { readNetworkFile } from '../../../../plugins/network-file/language/read.ts';
import type { Names } from '../../../../plugins/network-file/language/services.ts';

const ports = new Map([
  ['www/tcp', 80],
  ['ftp/tcp', 21],
  ['domain/udp', 53],
]);

/** What tests know of /etc/services and /etc/hosts. */
const names: Names = {
  port: (service, protocol) =>
    protocol === undefined
      ? (ports.get(`${service}/tcp`) ?? ports.get(`${service}/udp`))
      : ports.get(`${service}/${protocol}`),
  services: () => ['www', 'ftp', 'domain'],
  host: name => (name === 'files.example' ? ['192.0.2.5', '2001:db8::5'] : []),
};

/** Reads texts by path; one text is `/n.conf`. */
export function read(texts: string | Record<string, string>): {
  model: Model;
  problems: Problem[];
  found: string[];
} {
  const files = typeof texts === 'string' ? { '/n.conf': texts } : texts;
  const reading = readNetworkFile('/n.conf', filesInMemory(new Map(Object.entries(files))));
  if (reading === undefined) throw new Error('no file');
  const model = build(reading, names);
  const problems = reading.problems.sorted(reading.sources);
  return { model, problems, found: problems.map(told) };
}

/** `3:5 error: sentence | hint`, of the main file without its name. */
function told(problem: Problem): string {
  const { severity, message, hint } = problem;
  return `${placeOf(problem).replace(/^\/n\.conf:?/, '')} ${severity}: ${message}${hint === undefined ? '' : ` | ${hint}`}`;
}
