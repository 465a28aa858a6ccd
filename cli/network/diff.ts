import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import { complain, status } from '../failure.ts';
import { paintOutput, writeJson, writeLine } from '../output.ts';
import { differencesOf, optionOf } from './differences.ts';
import { readKernel, readLimits } from './kernel.ts';
import { fileOf, readFrom } from './location.ts';
import { writeProblems } from './problems.ts';

/** Compares the network file with what the kernel has. Status 1 where they differ, or the file has errors. */
export async function diff(choice: Choice): Promise<number> {
  const file = await fileOf(choice);
  const configuration = readFrom(file, choice.arguments.length > 0);
  if (configuration.texts.size === 0) {
    complain(`${file}: there is no such file`);
    return status.failed;
  }
  if (configuration.hasErrors) {
    await writeProblems(configuration);
    return status.failed;
  }
  const wanted = [...configuration.units.values()].filter(({ enabled }) => enabled !== false);
  const limits = wanted.some(({ stanzas }) => optionOf(stanzas, 'bandwidth') !== undefined)
    ? readLimits()
    : new Map<string, number>();
  const differences = differencesOf(wanted, readKernel(), limits);
  if (choice.flag('json')) await writeJson(differences);
  else {
    const paint = paintOutput();
    for (const { interface: on, kind, what, place } of differences) {
      const sign = {
        missing: paint('red', '-'),
        different: paint('yellow', '~'),
        extra: paint('green', '+'),
      }[kind];
      await writeLine(
        `${sign} ${visible(`${on}: ${kind} ${what}`)}${place === undefined ? '' : `  (${visible(place)})`}`,
      );
    }
    if (differences.length === 0) await writeLine('the kernel is as the network file has it');
  }
  return differences.length === 0 ? status.success : status.failed;
}
