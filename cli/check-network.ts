import { existsSync } from 'node:fs';
import type { Loaded } from '../core/config/load.ts';
import type { Finding } from './finding.ts';
import { configuredFile, readFrom, usualFile } from './network/location.ts';
import { findingOf } from './network/problems.ts';

/**
 * What is wrong in the network file that the plugin `network-file` reads, and in all that it includes. That there is none
 * is told only where the configuration names it.
 */
export function checkNetwork(loaded: Loaded | undefined): { file: string | null; findings: Finding[] } {
  if (loaded?.configuration.plugins?.['network-file'] === false) return { file: null, findings: [] };
  const named = configuredFile(loaded);
  const file = named ?? usualFile;
  const { texts, problems } = readFrom(file, false);
  if (texts.size > 0 || problems.length > 0) return { file, findings: problems.map(findingOf) };
  if (named === undefined || existsSync(file)) return { file: null, findings: [] };
  const place = loaded?.locate(['plugins', 'network-file', 'file']) ?? file;
  return { file, findings: [{ severity: 'warning', place, message: `${file}: there is no such file` }] };
}
