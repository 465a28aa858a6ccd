import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, NetconfError } from '../base/errors.ts';
import { checkPrivateDirectory } from './path.ts';

/**
 * Makes the directory of the control socket where it is missing: root's is open to all (who may do what is the
 * policy's to say), a user's is private. Throws `BadSocket`.
 */
export function prepareDirectory(socket: string): void {
  const directory = dirname(socket);
  const mode = process.geteuid?.() === 0 ? 0o755 : 0o700;
  try {
    const made = mkdirSync(directory, { recursive: true, mode });
    if (made !== undefined) chmodSync(directory, mode);
  } catch (error) {
    throw new NetconfError('BadSocket', `${directory}: ${messageOf(error)}`, { cause: error });
  }
  checkPrivateDirectory(socket);
  if (!statSync(directory).isDirectory()) throw new NetconfError('BadSocket', `${directory}: no directory`);
}
