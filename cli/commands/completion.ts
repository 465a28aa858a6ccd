import type { Choice } from '../../core/base/choice.ts';
import { bash } from '../completion/bash.ts';
import { fish } from '../completion/fish.ts';
import { zsh } from '../completion/zsh.ts';
import { UsageError } from '../failure.ts';
import { write } from '../output.ts';
import { programs } from '../table.ts';

const shells = { bash, zsh, fish };

/** Prints what a shell sources to complete the programs. */
export async function completion(choice: Choice): Promise<number> {
  const shell = choice.arguments[0] ?? '';
  if (!Object.hasOwn(shells, shell)) throw new UsageError(`no completion for ${shell}: bash, zsh or fish`);
  await write(shells[shell as keyof typeof shells](programs));
  return 0;
}
