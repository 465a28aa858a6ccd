/** The core's way from the kernel to a hook, in a process of its own: socket, mirror, bus, runner. Says when it is ready. */
import { spawn } from 'node:child_process';
import { log } from '../../core/base/log.ts';
import { Bus } from '../../core/bus/bus.ts';
import { NetlinkSource } from '../../core/netlink/source.ts';
import { Runner } from '../../core/runner/runner.ts';

const [who, hooks, hook] = process.argv.slice(2) as [string, string, string];
const bus = new Bus((owner, event, error) => {
  console.error(owner, event.name, error);
});
if (who === 'netconf') new Runner({ bus, levels: [hooks], socket: '/run/netconf/control', log: log() });
else bus.on('link.up', 'bench', () => void spawn(hook, ['link.up'], { stdio: 'ignore' }));
await new NetlinkSource({ bus }).start();
// Nothing else keeps a program alive whose socket is read on a signal.
setInterval(() => undefined, 1 << 30);
process.stdout.write('ready\n');
