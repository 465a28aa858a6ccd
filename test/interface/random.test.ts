import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import type { Operation } from '../../core/plugin/hooks.ts';
import { Machine, stanza } from './machine.ts';

const names = ['eth0', 'eth1', 'br0', 'tun0'] as const;
const hooks = ['create', 'preUp', 'step', 'postUp', 'preDown', 'postDown', 'destroy'] as const;

interface Action {
  request: 'ifup' | 'ifdown';
  name: (typeof names)[number];
  force: boolean;
  /** Milliseconds after which who asked hangs up. */
  abort: number | undefined;
}

interface Turn {
  /** What fails for as long as these operations run. */
  failures: { hook: (typeof hooks)[number]; name: string; step: string; request: 'ifup' | 'ifdown' }[];
  actions: Action[];
  /** The daemon ends in the middle, in order, and the next one takes over. */
  restart: boolean;
}

const action: fc.Arbitrary<Action> = fc.record({
  request: fc.constantFrom('ifup', 'ifdown'),
  name: fc.constantFrom(...names),
  force: fc.boolean(),
  abort: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined, freq: 4 }),
});
const turn: fc.Arbitrary<Turn> = fc.record({
  failures: fc.array(
    fc.record({
      hook: fc.constantFrom(...hooks),
      name: fc.constantFrom(...names),
      step: fc.constantFrom('Work', 'Other', 'Fallback'),
      request: fc.constantFrom('ifup' as const, 'ifdown' as const),
    }),
    { maxLength: 4 },
  ),
  actions: fc.array(action, { minLength: 1, maxLength: 8 }),
  restart: fc.boolean(),
});
/** Any of them may need any other: circles, too. */
const needs = fc.record(
  Object.fromEntries(names.map(name => [name, fc.subarray([...names], { maxLength: 2 })])) as Record<
    (typeof names)[number],
    fc.Arbitrary<(typeof names)[number][]>
  >,
);

/** What the steps have done to a made-up kernel: `eth0 Work`. */
class Kernel {
  readonly done = new Set<string>();
  failures: Turn['failures'] = [];

  readonly at = async (hook: string, operation: Operation) => {
    const { interface: name, step, request, options } = operation;
    await new Promise(resolve => setTimeout(resolve, Math.floor(Math.random() * 3)));
    const fails = this.failures.some(
      one => one.hook === hook && one.name === name && one.step === step && one.request === request,
    );
    // What is forced is forgotten, whether it worked or not: no question then what is left of it.
    const failing = fails && !(request === 'ifdown' && options.force);
    if (failing && hook !== 'step') throw new Error(`${hook} of ${name} fails`);
    if (hook !== 'step') return undefined;
    if (failing) return { outcome: 'FAIL' };
    if (request === 'ifup') this.done.add(`${name} ${step}`);
    else this.done.delete(`${name} ${step}`);
    return { outcome: 'OK' };
  };
}

function machineOn(
  kernel: Kernel,
  prerequisites: Record<string, string[]>,
  directory?: string,
): Promise<Machine> {
  const machine = new Machine(directory);
  machine.world.at = kernel.at;
  for (const name of names) {
    machine.world.stanzas[name] = name === 'br0' ? [stanza(), stanza('Other')] : [stanza()];
    machine.world.plans[name] = {
      prerequisites: prerequisites[name] ?? [],
      steps: { Work: { parameters: {}, next: name === 'tun0' ? { FAIL: 'Fallback' } : {} } },
    };
  }
  return machine.begin();
}

/** Nothing is at work: what must hold then. */
function check(machine: Machine, kernel: Kernel, forced: ReadonlySet<string>): void {
  const { records, operations, programs } = machine;
  assert.equal(programs.running, 0);
  assert.deepEqual(
    readdirSync(records.directory).filter(file => file.endsWith('.lock') || file.endsWith('.new')),
    [],
    'no lock and no half a record is left',
  );
  const onRecord = new Set<string>();
  for (const record of records.all()) {
    const { interface: name, state, stanzas, left, prerequisites, explicit } = record;
    assert.ok(state === 'configured' || state === 'failed', `${name} is ${state}`);
    for (const begun of [...stanzas, ...left]) onRecord.add(`${name} ${begun.stanza.step}`);
    if (state !== 'configured') continue;
    assert.deepEqual(left, [], name);
    assert.ok(stanzas.length > 0 && stanzas.every(({ reached }) => reached === 'done'), name);
    if (!explicit) assert.ok(records.usersOf(name).length > 0, `${name} is up for nobody`);
    for (const need of prerequisites)
      assert.ok(forced.has(need) || records.read(need)?.state === 'configured', `${name} lacks ${need}`);
  }
  for (const one of kernel.done) assert.ok(onRecord.has(one), `${one} is done, and on no record`);
  assert.ok(operations.status().every(({ phase, waiting }) => phase === undefined && waiting === undefined));
}

async function perform(machine: Machine, actions: readonly Action[], forced: Set<string>): Promise<void> {
  await Promise.all(
    actions.map(async ({ request, name, force, abort }) => {
      const controller = new AbortController();
      if (abort !== undefined) setTimeout(() => controller.abort(), abort);
      if (force) forced.add(name);
      const ask = { interface: name, signal: controller.signal, options: force ? { force } : {} };
      const result = await machine.operations.operate(request, ask);
      assert.doesNotMatch(result.message ?? '', /cannot go on by/);
      assert.ok(result.ms >= 0);
    }),
  );
}

describe('random operations on random interfaces with random failures', () => {
  it('never leave the table of states, and leave no lock, no child and no wrong record behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        needs,
        fc.array(turn, { minLength: 1, maxLength: 5 }),
        async (prerequisites, turns) => {
          const kernel = new Kernel();
          const forced = new Set<string>();
          const first = await machineOn(kernel, prerequisites);
          let machine = first;
          try {
            for (const { failures, actions, restart } of turns) {
              kernel.failures = failures;
              const pending = perform(machine, actions, forced);
              if (restart) {
                await new Promise(resolve => setTimeout(resolve, 5));
                await machine.operations.stop();
                await pending.catch(error => assert.match(String(error), /netconfd stops/));
                kernel.failures = [];
                machine = await machineOn(kernel, prerequisites, first.records.directory);
                await machine.operations.recover();
              } else await pending;
              machine.records.makeDirectory();
              check(machine, kernel, forced);
              assert.deepEqual(
                machine.warnings.filter(line => /cannot go on by|not believed/.test(line)),
                [],
              );
            }
            kernel.failures = [];
            for (const name of names) await machine.down(name, { options: { force: true } });
            for (const name of names) await machine.down(name, { options: { force: true } });
            assert.deepEqual([...kernel.done], []);
          } finally {
            await machine.operations.stop();
            await first[Symbol.asyncDispose]();
          }
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 40), endOnFailure: true },
    );
  }).timeout(180_000);
});
