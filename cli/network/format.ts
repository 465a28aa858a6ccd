import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import { writeWhole } from '../../plugins/network-file/kept.ts';
import { format as formatSyntax } from '../../plugins/network-file/language/format.ts';
import { readText } from '../../plugins/network-file/language/read.ts';
import { complain, status, UsageError } from '../failure.ts';
import { write, writeErrors } from '../output.ts';
import { fileOf } from './location.ts';
import { writeProblems } from './problems.ts';

/**
 * Prints a network file in its usual form, or writes it so (`--write`), or tells whether it is so (`--check`). A file that
 * cannot be read is left as it is.
 */
export async function format(choice: Choice): Promise<number> {
  if (choice.flag('write') && choice.flag('check')) throw new UsageError('--write and --check: one of them');
  const isInput = choice.arguments[0] === '-';
  const file = isInput ? '-' : await fileOf(choice);
  let text: string;
  try {
    text = readFileSync(isInput ? 0 : resolve(file), 'utf8');
  } catch (error) {
    complain(`${file}: ${(error as Error).message}`);
    return status.failed;
  }
  const { problems, sources, syntax } = readText(isInput ? 'standard input' : file, text);
  const [source] = sources;
  const parsed = source === undefined ? undefined : syntax.get(source);
  if (problems.hasErrors || parsed === undefined) {
    await writeProblems({ problems: problems.sorted(sources) });
    return status.failed;
  }
  const formatted = formatSyntax(parsed);
  if (choice.flag('check')) {
    if (formatted === text) return status.success;
    writeErrors([`${visible(file)}: not in its usual form`]);
    return status.failed;
  }
  if (choice.flag('write') && !isInput) {
    if (formatted !== text) writeWhole(file, formatted);
  } else {
    await write(formatted);
  }
  return status.success;
}
