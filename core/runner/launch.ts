import { closeSync, constants, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { NetconfError } from '../base/errors.ts';
import { Child, type Exited } from '../base/process.ts';
import { checkTrust } from '../base/trust.ts';

/** A program that is to outlive the operation that needs it, and the daemon: a DHCP client. */
export interface LaunchRequest {
  /** Absolute. */
  path: string;
  /** What follows its name. */
  argv?: readonly string[];
  /** All that it sees, beside a PATH unless it is here. */
  environment: Readonly<Record<string, string>>;
  /** The file to which it prints, at its end; whoever launches keeps it from growing. */
  output: string;
}

export interface Launched {
  pid: number;
  /** When it ends, while this process lives. */
  ended: Promise<Exited>;
}

const usualPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Starts a program in its own session, so that nothing that ends this process ends it, too. Throws `Untrusted`, and a
 * SystemError when it cannot be started, or its output not be opened.
 */
export function launch({ path, argv = [], environment, output }: LaunchRequest): Launched {
  for (const file of [path, dirname(output)]) {
    const trust = checkTrust(file);
    if ('reason' in trust) throw new NetconfError('Untrusted', trust.reason);
  }
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const input = openSync('/dev/null', 'r');
  let log: number | undefined;
  try {
    log = openSync(output, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const usual = Object.hasOwn(environment, 'PATH') ? [] : [usualPath];
    let told: (exit: Exited) => void = () => undefined;
    const ended = new Promise<Exited>(resolve => {
      told = resolve;
    });
    const child = new Child(
      {
        path,
        argv: [path, ...argv],
        environment: [...usual, ...variables],
        stdio: [input, log, log],
        isolation: 'session',
        cwd: '/',
      },
      exit => told(exit),
    );
    return { pid: child.pid, ended };
  } finally {
    closeSync(input);
    if (log !== undefined) closeSync(log);
  }
}
