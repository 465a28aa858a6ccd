/**
 * A directory of 100 hook scripts, run one after the other: milliseconds a hook, for a static program that does nothing
 * and for a dash script that does nothing. Ours is the whole runner (bus, queue, ownership, environment, JSON on
 * standard input, output, descriptor 3, history) beside run-parts, a C loop of posix_spawn, and Node's own spawn. All
 * in one run, in turn, medians. Then eight interfaces at once, which may use every core.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { log } from '../../core/base/log.ts';
import { Bus } from '../../core/bus/bus.ts';
import type { Event } from '../../core/bus/event.ts';
import { Runner } from '../../core/runner/runner.ts';
import { compile, median } from '../compile.ts';
import type { Row } from '../row.ts';

const hooks = 100;
const rounds = 9;
const interfaces = 8;

export async function run(): Promise<Row[]> {
  const top = mkdtempSync(join(tmpdir(), 'bench-hooks-'));
  try {
    const noOp = compile(join(import.meta.dirname, 'no-op.c'), top, 'no-op');
    const loop = compile(join(import.meta.dirname, 'spawn-loop.c'), top, 'spawn-loop');
    const rows: Row[] = [];
    for (const kind of ['C no-op', 'dash script'] as const) {
      const directory = join(top, kind.replaceAll(' ', '-'));
      mkdirSync(directory, { mode: 0o755 });
      for (let n = 0; n < hooks; n++) {
        const path = join(directory, `${String(n).padStart(3, '0')}-hook`);
        if (kind === 'C no-op') copyFileSync(noOp, path);
        else writeFileSync(path, '#!/bin/dash\n:\n', { mode: 0o755 });
      }
      rows.push(...(await measure(kind, directory, loop)));
    }
    return rows;
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

async function measure(kind: string, directory: string, loop: string): Promise<Row[]> {
  const bus = new Bus(() => undefined);
  const runner = new Runner({ bus, levels: [directory], socket: '/run/netconf/control', log: log() });
  const files = readdirSync(directory).map(name => join(directory, name));
  const publish = (ifindex: number) =>
    runner.settled(
      bus.publish('link.up', {
        source: 'netlink',
        interface: `eth${ifindex}`,
        ifindex,
        data: { old: link(ifindex), new: link(ifindex) } as never,
      }) as unknown as Event,
    );
  const contenders: [string, number, () => unknown][] = [
    ['debianutils run-parts', 1, () => execFileSync('run-parts', [directory])],
    ['C posix_spawn loop', 1, () => execFileSync(loop, files)],
    ['netconf', 1, () => publish(1)],
    ['Node child_process.spawn', 1, () => spawnAll(files)],
    [
      `netconf, ${interfaces} interfaces on ${availableParallelism()} cores`,
      interfaces,
      () => Promise.all(Array.from({ length: interfaces }, (_, n) => publish(n + 1))),
    ],
  ];
  const times = new Map<string, number[]>(contenders.map(([who]) => [who, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [who, times1, work] of contenders) {
      const began = performance.now();
      await work();
      const each = (performance.now() - began) / (hooks * times1);
      // The first round warms up.
      if (round > 0) times.get(who)?.push(each);
    }
  }
  await runner.stop();
  const failed = runner.history({ failed: true });
  if (failed.length > 0)
    throw new Error(`${failed.length} events failed: ${JSON.stringify(failed[0]?.runs[0])}`);
  const peer = median(times.get('debianutils run-parts') ?? []);
  return [...times].map(([who, values]) => ({
    case: `hook directory, ${kind}`,
    who,
    value: median(values),
    unit: 'ms per hook',
    ratio: median(values) / peer,
    ...(who === 'netconf' && { reach: 'no slower than run-parts (ratio 1)' }),
  }));
}

async function spawnAll(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await new Promise(resolve => spawn(file, [], { stdio: 'ignore' }).on('exit', resolve));
  }
}

function link(ifindex: number): object {
  return {
    ifindex,
    ifname: `eth${ifindex}`,
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    mtu: 1500,
    qdisc: 'noqueue',
    operstate: 'UP',
    link_type: 'ether',
    address: '02:00:00:00:00:01',
    broadcast: 'ff:ff:ff:ff:ff:ff',
    linkinfo: { info_kind: 'veth' },
  };
}
