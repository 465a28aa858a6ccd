import { statSync } from 'node:fs';
import type { Word } from '../core/base/text/lines.ts';
import { placeOf, warningAt } from '../core/base/text/problem.ts';
import { checkTrust } from '../core/base/trust.ts';
import type { Loaded } from '../core/config/load.ts';
import { listPolicies } from '../plugins/policy/directories.ts';
import { readPolicy } from '../plugins/policy/read.ts';
import { checkInterfacesFile, isOff } from './check-interfaces.ts';
import type { Finding } from './finding.ts';

/** Parameters of steps whose value is the path of a file. */
const naming: ReadonlySet<string> = new Set(['file', 'config']);

/** What the checks looked at, each once, and what they found. */
export interface FilesCheck {
  files: string[];
  findings: Finding[];
}

/**
 * What is wrong with the files that policies name: what `[cfg ENI]` would read as interfaces(5), by its grammar; any
 * other has to be there. A file that is missing is a warning: it may come later, and NOTFOUND may lead on.
 *
 * @param known files that have been checked already
 */
export function checkPolicyFiles(
  levels: readonly string[],
  loaded: Loaded | undefined,
  known: readonly (string | null)[] = [],
): FilesCheck {
  const looked = new Set(known);
  const files: string[] = [];
  const findings: Finding[] = [];
  for (const { path, name } of listPolicies(levels)) {
    const { policy } = readPolicy(path, name, checkTrust);
    for (const [step, { parameters }] of policy.steps) {
      for (const [parameter, word] of parameters) {
        if (!naming.has(parameter)) continue;
        const isInterfaces = step === 'ENI' && !isOff(loaded);
        const fault = faultOf(word);
        if (fault !== undefined) {
          const problem = warningAt(word, `[cfg ${step}] ${parameter}: ${fault}`);
          findings.push({ severity: 'warning', place: placeOf(path, problem), message: problem.message });
        } else if (isInterfaces && !looked.has(word.text)) {
          looked.add(word.text);
          files.push(word.text);
          findings.push(...checkInterfacesFile(word.text, loaded));
        }
      }
    }
  }
  return { files, findings };
}

function faultOf({ text }: Word): string | undefined {
  if (!text.startsWith('/')) return `${text} is no absolute path`;
  try {
    return statSync(text).isDirectory() ? `${text} is a directory, where a file was expected` : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? `${text} does not exist` : `${text} cannot be looked at: ${code}`;
  }
}
