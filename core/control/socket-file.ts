import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { messageOf, NetconfError } from '../base/errors.ts';
import type { Undo } from '../base/undo.ts';
import { prepareDirectory } from './directory.ts';
import { lockFile } from './lock.ts';
import { checkSocketPath } from './path.ts';

/**
 * Makes the path of the control socket free to be bound, and this process the only one that may: its directory is
 * there, the file of a daemon that is gone is not. Throws `AlreadyRunning`, `BadSocket`. The undo gives it back.
 */
export async function claimSocket(path: string): Promise<Undo> {
  checkSocketPath(path);
  prepareDirectory(path);
  const unlock = lock(path);
  try {
    await removeStale(path);
    return unlock;
  } catch (error) {
    unlock();
    if (error instanceof NetconfError) throw error;
    throw new NetconfError('BadSocket', `${path}: ${messageOf(error)}`, { cause: error });
  }
}

function lock(path: string): Undo {
  let unlock: Undo | undefined;
  try {
    unlock = lockFile(`${path}.lock`);
  } catch (error) {
    throw new NetconfError('BadSocket', `${path}.lock: ${messageOf(error)}`, { cause: error });
  }
  if (unlock === undefined) throw alreadyRunning(path);
  return unlock;
}

/** Under the lock: what lies at the path is removed if it is a socket that nobody listens on. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new NetconfError('BadSocket', `${path}: there is a file already, and it is no socket`, {
      hint: 'remove it, or choose another path with --socket',
    });
  }
  // Somebody may listen who does not know the lock.
  if (await answers(path)) throw alreadyRunning(path);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else if (error.code === 'EAGAIN') resolve(true);
      else reject(error);
    });
  });
}

function alreadyRunning(path: string): NetconfError {
  return new NetconfError('AlreadyRunning', `another netconfd answers on ${path}`, {
    hint: "look on with 'netconf monitor', stop the other one first, or choose another socket with --socket",
  });
}
