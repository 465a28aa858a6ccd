import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { NetconfError } from '../base/errors.ts';
import { faultOfPlace } from '../base/place.ts';

/** Bytes of a socket's path: `sun_path` is 108 with its final NUL; unix(7). */
const longestPath = 107;

const system = '/run/netconf/control';

/**
 * Where this user's daemon has its control socket, unless told otherwise: `NETCONF_SOCKET`; of root
 * `/run/netconf/control`; else `$XDG_RUNTIME_DIR/netconf/control`, or `/tmp/netconf-UID/control`.
 */
export function defaultSocket(
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.geteuid?.() ?? 0,
): string {
  if (environment.NETCONF_SOCKET) return environment.NETCONF_SOCKET;
  if (uid === 0) return system;
  const runtime = environment.XDG_RUNTIME_DIR;
  // A relative path is to be ignored (XDG Base Directory Specification).
  if (runtime?.startsWith('/')) return `${runtime}/netconf/control`;
  return `/tmp/netconf-${uid}/control`;
}

/** Where a client looks: at the user's own daemon, then at the system's. */
export function clientSockets(
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.geteuid?.() ?? 0,
): string[] {
  const own = defaultSocket(environment, uid);
  return environment.NETCONF_SOCKET || own === system ? [own] : [own, system];
}

/** Throws `BadSocket` for a path that does not fit into a socket address (the kernel would cut it off). */
export function checkSocketPath(path: string): void {
  const length = Buffer.byteLength(path);
  if (length > 0 && length <= longestPath && !path.includes('\0')) return;
  throw new NetconfError(
    'BadSocket',
    `${path.slice(0, 200)}: a socket's path has 1 to ${longestPath} bytes`,
    {
      hint: `this one has ${length}: choose a shorter one with --socket or NETCONF_SOCKET`,
    },
  );
}

/**
 * Throws `BadSocket` where root would use a socket that somebody else could have put there: who answers on it may not be
 * netconfd, and runtime files lie beside it.
 */
export function checkSocketOwner(socket: string): void {
  const fault = faultOfPlace(socket);
  if (fault === undefined) return;
  throw new NetconfError('BadSocket', `${socket}: root does not trust it: ${fault}`, {
    hint: 'the netconfd of another user is for that user to talk to: run this as that user',
  });
}

/** The directories whose name anybody could take first: only there the owner is checked for users, too. */
function isPrivateDirectory(directory: string, uid = process.geteuid?.() ?? 0): boolean {
  return directory === `/tmp/netconf-${uid}`;
}

/**
 * Throws `BadSocket` where the socket's directory is of the kind that anybody could make (`/tmp/netconf-UID`) and is
 * not a directory of this user that nobody else may enter. Links are not followed. Absent is fine.
 */
export function checkPrivateDirectory(socket: string, uid = process.geteuid?.() ?? 0): void {
  const directory = dirname(socket);
  if (!isPrivateDirectory(directory, uid)) return;
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found === undefined) return;
  const mode = found.mode & 0o777;
  if (found.isDirectory() && found.uid === uid && (mode & 0o077) === 0) return;
  const what = found.isDirectory() ? `of uid ${found.uid} with mode ${mode.toString(8)}` : 'no directory';
  throw new NetconfError(
    'BadSocket',
    `${directory}: ${what}; it must be a directory of uid ${uid} with mode 700`,
    {
      hint: 'somebody else may have made it: remove it, or choose another socket with NETCONF_SOCKET',
    },
  );
}
