import type { Choice } from '../../core/base/choice.ts';
import { NetconfError } from '../../core/base/errors.ts';
import { visible } from '../../core/base/terminal.ts';
import { withDaemon } from '../daemon.ts';
import { writeJson, writeLine } from '../output.ts';

/** Makes the daemon read its configuration again, and says which file is in force now. */
export async function reload(choice: Choice): Promise<number> {
  const reply = await withDaemon(choice, client => client.call('Reload', {}).catch(explained));
  if (choice.flag('json')) await writeJson(reply);
  else await writeLine(visible(reply.file ?? 'no configuration file: the defaults are in force'));
  return 0;
}

function explained(error: unknown): never {
  if (!(error instanceof NetconfError) || error.code !== 'BadConfiguration') throw error;
  const hint = 'the older configuration stays in force';
  throw new NetconfError(error.code, error.message, { hint, cause: error });
}
