// The netlink source in a process of its own. usage: ours.ts BYTES [watch]. Lines on standard input ask: `mark` begins
// to count CPU time, `report` tells all; `watch` looks for the longest hold of the loop, which costs CPU of its own.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { Bus } from '../../core/bus/bus.ts';
import { NetlinkSource } from '../../core/netlink/source.ts';

const bus = new Bus(() => undefined);
const count: Record<string, number> = {};
bus.on('*', 'bench', ({ name }) => {
  count[name] = (count[name] ?? 0) + 1;
});
const source = new NetlinkSource({ bus, receiveBuffer: Number(process.argv[2]) });
const delay = process.argv[3] === 'watch' ? monitorEventLoopDelay({ resolution: 1 }) : undefined;
delay?.enable();

const begin = performance.now();
const beforeStart = process.cpuUsage();
await source.start();
const started = { ms: performance.now() - begin, cpu: seconds(process.cpuUsage(beforeStart)) };
let marked = process.cpuUsage();
console.log('ready');
for await (const line of createInterface(process.stdin)) {
  if (line === 'mark') {
    marked = process.cpuUsage();
    delay?.reset();
    console.log('marked');
    continue;
  }
  const cpu = seconds(process.cpuUsage(marked));
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const { messages, overruns, routes } = source.status.counters;
  const hold = (delay?.max ?? 0) / 1e6;
  console.log(
    JSON.stringify({ started, cpu, heap: heapUsed + external, rss, messages, overruns, routes, hold, count }),
  );
}
source.stop();

function seconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}
