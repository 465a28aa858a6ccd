import { execFileSync } from 'node:child_process';
import { UsageError } from './failure.ts';

/** A user as requests are judged by. */
export interface Principal {
  uid: number;
  gid: number;
  groups: number[];
}

/**
 * The user of `--as`, by name or number, with the groups of a new session: what id(1) says, which asks every directory of
 * users that the system knows. Throws a {@link UsageError} for nobody.
 */
export function principalOf(user: string): Principal {
  if (/^\d+$/.test(user) && !isKnown(user)) return { uid: Number(user), gid: Number(user), groups: [] };
  const [uid] = numbers('-u', user);
  const [gid] = numbers('-g', user);
  return { uid: uid!, gid: gid!, groups: numbers('-G', user) };
}

function isKnown(user: string): boolean {
  try {
    return numbers('-u', user).length === 1;
  } catch {
    return false;
  }
}

function numbers(option: string, user: string): number[] {
  try {
    const printed = execFileSync('id', [option, '--', user], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    });
    return printed.trim().split(' ').map(Number);
  } catch {
    throw new UsageError(`--as ${user}: there is no such user`);
  }
}
