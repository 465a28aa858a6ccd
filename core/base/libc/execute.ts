import { declare, errno, SystemError } from './library.ts';

const execve = declare<[string, (string | null)[], (string | null)[]]>(
  'int execve(const char *path, const char **argv, const char **envp)',
);
const fcntl = declare<[number, number, number]>('int fcntl(int fd, int command, int argument)');

/** fcntl.h; the same on every architecture that netconf runs on. */
const F_SETFD = 2;

/**
 * Becomes another program (execve(2)): returns only by throwing. The path must be absolute. The standard descriptors
 * go along: Node has marked them close-on-exec.
 */
export function execute(path: string, argv: readonly string[], environment: NodeJS.ProcessEnv): never {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value ?? ''}`);
  for (const fd of [0, 1, 2]) fcntl(fd, F_SETFD, 0);
  execve(path, [...argv, null], [...variables, null]);
  throw new SystemError(`execve ${path}`, errno());
}
