/**
 * What one publication to ten guarded listeners costs, and one call of a hook point with ten guarded taps, beside mitt
 * and tapable bare: everything in this process, no output. Nanoseconds, the median of several rounds.
 */
import mitt from 'mitt';
import { AsyncSeriesHook } from 'tapable';
import { Bus } from '../../core/bus/bus.ts';
import { Host } from '../../core/plugin/host.ts';
import { FileRecord } from '../../core/plugin/on-record.ts';
import { Programs } from '../../core/runner/programs.ts';
import type { Row } from '../row.ts';

const listeners = 10;
let sink = 0;

export async function run(): Promise<Row[]> {
  const emitter = mitt<{ x: object }>();
  for (let i = 0; i < listeners; i++) emitter.on('x', () => void sink++);
  const bareHook = new AsyncSeriesHook<[object]>(['value']);
  for (let i = 0; i < listeners; i++) bareHook.tap(`t${i}`, () => void sink++);
  const { bus, host } = await guarded();
  const publication = round(() => bus.publish('x', fields));
  const bareEmit = round(() => emitter.emit('x', fields));
  const taps = await roundAsync(() => host.hooks.call('preUp', operation));
  const bareTaps = await roundAsync(() => bareHook.promise(operation));
  const promiseTaps = await roundAsync(() => host.hooks.call('postUp', operation), 20_000);
  return [
    row('publication, 10 listeners', 'mitt alone', bareEmit),
    row('publication, 10 listeners', 'netconf, guarded', publication, bareEmit, 'under 1000 ns'),
    row('hook point, 10 synchronous taps', 'tapable alone', bareTaps),
    row('hook point, 10 synchronous taps', 'netconf, guarded', taps, bareTaps, 'under 500 ns'),
    row('hook point, 10 promise taps', 'netconf, guarded', promiseTaps, undefined, 'under 2000 ns'),
  ];
}

const fields = { source: 'daemon' } as const;
const operation = {} as never;

async function guarded() {
  const bus: Bus = new Bus(() => undefined);
  const host = new Host({
    bus,
    record: new FileRecord(''),
    observe: false,
    paths: () => ({ policy: [], methods: [], run: '/', socket: '/control' }),
    programs: new Programs({ methods: [], handles: '/' }),
    operate: async () => Promise.reject(new Error('no operations here')),
    stateOf: () => undefined,
    indexOf: () => undefined,
    replay: () => [],
    onDisable: () => undefined,
  });
  for (let i = 0; i < listeners; i++) {
    const name = `p${i}`;
    const plugin = {
      name,
      apply: (netconf: Parameters<Parameters<typeof host.apply>[0]['apply']>[0]) => {
        netconf.on('x', () => void sink++);
        netconf.hooks.preUp.tap('t', () => void sink++);
        netconf.hooks.postUp.tapPromise('t', async () => void sink++);
      },
    };
    await host.apply(plugin, { name, file: '', version: null, stamp: '' }, undefined, false);
  }
  return { bus, host };
}

function row(what: string, who: string, value: number, floor?: number, reach?: string): Row {
  const ratio = floor === undefined ? {} : { ratio: value / floor };
  return { case: what, who, value: Math.round(value), unit: 'ns', ...ratio, ...(reach && { reach }) };
}

/** Nanoseconds a call, the median of 9 rounds after a warm-up. */
function round(code: () => unknown, calls = 200_000): number {
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const begin = process.hrtime.bigint();
    for (let j = 0; j < calls; j++) code();
    times.push(Number(process.hrtime.bigint() - begin) / calls);
  }
  return median(times.slice(1));
}

async function roundAsync(code: () => Promise<unknown>, calls = 100_000): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const begin = process.hrtime.bigint();
    for (let j = 0; j < calls; j++) await code();
    times.push(Number(process.hrtime.bigint() - begin) / calls);
  }
  return median(times.slice(1));
}

function median(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
