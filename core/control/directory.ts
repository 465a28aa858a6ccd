import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, NetconfError } from '../base/errors.ts';
import { checkPrivateDirectory, checkSocketOwner } from './path.ts';

/**
 * Makes the directory of the control socket where it is missing: root's is open to all (who may do what is the
 * policy's to say), a user's is private. Throws `BadSocket`, also where the socket could be somebody else's.
 */
export function prepareDirectory(socket: string): void {
  const directory = dirname(socket);
  const mode = process.geteuid?.() === 0 ? 0o755 : 0o700;
  try {
    const made = mkdirSync(directory, { recursive: true, mode });
    // The mask of the process may have taken away what others need to get to the socket.
    if (made !== undefined) for (const each of below(made, directory)) chmodSync(each, mode);
  } catch (error) {
    throw new NetconfError('BadSocket', `${directory}: ${messageOf(error)}`, { cause: error });
  }
  checkPrivateDirectory(socket);
  checkSocketOwner(socket);
  if (!statSync(directory).isDirectory()) throw new NetconfError('BadSocket', `${directory}: no directory`);
}

/** `/run/netconf`, `/run/netconf/netns/a` → the three directories from the first to the second. */
function below(first: string, last: string): string[] {
  return last === first || last.length <= first.length ? [first] : [...below(first, dirname(last)), last];
}
