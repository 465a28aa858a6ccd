/** Node's own way from the kernel to a hook, for comparison: netconf's source and bus, but child_process.spawn. */
import { spawn } from 'node:child_process';
import { Bus } from '../../core/bus/bus.ts';
import { NetlinkSource } from '../../core/netlink/source.ts';

const [hook] = process.argv.slice(2) as [string];
const bus = new Bus((owner, event, error) => {
  console.error(owner, event.name, error);
});
bus.on('link.up', 'bench', () => void spawn(hook, ['link.up'], { stdio: 'ignore' }));
await new NetlinkSource({ bus }).start();
// Nothing else keeps a program alive whose socket is read on a signal.
setInterval(() => undefined, 1 << 30);
process.stdout.write('ready\n');
