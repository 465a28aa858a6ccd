/** Runs in a mount namespace of its own: puts a stand-in for initctl where upstart's is, and prints what it is told. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { startDaemon, until } from '../../daemon.ts';
import { Folder } from '../../folder.ts';

using folder = new Folder();
const told = folder.write('told', '');
const program = folder.write('initctl', `#!/bin/sh\nprintf '%s\\n' "$@" >>${told}\n`);
chmodSync(program, 0o755);
// What was not there cannot be bound over: a copy of the directory can.
execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/mnt']);
execFileSync('sh', [
  '-c',
  'mkdir /mnt/upper /mnt/work && mount -t overlay overlay -o lowerdir=/usr/sbin,upperdir=/mnt/upper,workdir=/mnt/work /usr/sbin',
]);
writeFileSync('/usr/sbin/initctl', readFileSync(program));
chmodSync('/usr/sbin/initctl', 0o755);
{
  const emitter = { bus: `unix:path=${folder.path}/none`, events: ['tea'] };
  await using daemon = await startDaemon({
    configuration: `plugins: ${JSON.stringify({ emitter, interfaces: false })}\n`,
  });
  daemon.netconf('emit', 'tea', 'KIND=green tea');
  await until('initctl', () => readFileSync(told, 'utf8').includes('KIND'));
}
process.stdout.write(readFileSync(told, 'utf8'));
