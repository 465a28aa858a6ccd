import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import { withDaemon } from '../daemon.ts';
import { writeJson, writeLine } from '../output.ts';

/** Makes the daemon read its configuration again, and says which file is in force now. */
export async function reload(choice: Choice): Promise<number> {
  const reply = await withDaemon(choice, client => client.call('Reload', {}));
  if (choice.flag('json')) await writeJson(reply);
  else await writeLine(visible(reply.file ?? 'no configuration file: the defaults are in force'));
  return 0;
}
