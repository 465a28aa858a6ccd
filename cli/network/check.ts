import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import { complain, status } from '../failure.ts';
import { writeJson, writeLine } from '../output.ts';
import { fileOf, readFrom } from './location.ts';
import { countOf, findingOf, writeProblems } from './problems.ts';

/** Tells all that is wrong with the network file, and changes nothing. Status 1 where there is an error. */
export async function check(choice: Choice): Promise<number> {
  const file = await fileOf(choice);
  const configuration = readFrom(file, choice.arguments.length > 0);
  const { texts, problems, hasErrors } = configuration;
  if (texts.size === 0 && problems.length === 0) {
    complain(`${file}: there is no such file`);
    return status.failed;
  }
  if (choice.flag('json')) {
    await writeJson({ ok: !hasErrors, files: [...texts.keys()], findings: problems.map(findingOf) });
  } else {
    await writeProblems(configuration);
    await writeLine(`${countOf(problems)} in ${[...texts.keys()].map(visible).join(', ') || visible(file)}`);
  }
  return hasErrors ? status.failed : status.success;
}
