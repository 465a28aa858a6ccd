import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { operateAll } from '../../core/interface/all.ts';
import type { InterfaceRecord } from '../../core/interface/record.ts';
import type { StepResult } from '../../core/plugin/hooks.ts';
import { until } from '../until.ts';
import { Machine, stanza } from './machine.ts';

const aborts = (operation: { signal: AbortSignal }) =>
  new Promise<StepResult>(resolve => {
    operation.signal.addEventListener('abort', () => resolve({ outcome: 'FAIL' }), { once: true });
  });

/** One whose step could not be taken back. */
const keptRecord = ({ records: { boot } }: Machine): InterfaceRecord => ({
  interface: 'kept',
  logical: 'kept',
  state: 'failed',
  since: 1,
  explicit: true,
  boot,
  options: {},
  stanzas: [],
  left: [{ stanza: stanza(), parameters: {}, reached: 'step' }],
  prerequisites: [],
});

describe('an operation', () => {
  let machine: Machine;
  beforeEach(async () => {
    machine = await new Machine().begin();
  });
  afterEach(() => machine[Symbol.asyncDispose]());

  describe('up', () => {
    it('runs the phases of each stanza in order, and tells what it came to', async () => {
      machine.world.stanzas = { eth0: [stanza(), stanza('Other', { family: 'inet6' })] };
      const { ms, ...result } = await machine.up('eth0');
      assert.deepEqual(result, {
        interface: 'eth0',
        logical: 'eth0',
        state: 'configured',
        step: 'Other',
        outcome: 'OK',
      });
      assert.ok(ms > 0);
      assert.deepEqual(machine.trace, [
        'create eth0 Work',
        'preUp eth0 Work',
        'step eth0 Work ifup',
        'postUp eth0 Work',
        'create eth0 Other',
        'preUp eth0 Other',
        'step eth0 Other ifup',
        'postUp eth0 Other',
      ]);
      assert.deepEqual(machine.told(), [
        'request.ifup eth0',
        'interface.configuring eth0',
        'interface.configured eth0',
      ]);
      const [request, configuring, configured] = machine.events;
      assert.equal(configuring?.cause, request?.id);
      assert.equal(configured?.cause, request?.id);
      assert.equal(machine.status('eth0')?.state, 'configured');
    });

    it('does nothing the second time and says so; with force does all again', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      await machine.up('eth0');
      machine.trace.length = 0;
      assert.equal((await machine.up('eth0')).state, 'already');
      assert.deepEqual(machine.trace, []);
      assert.equal((await machine.up('eth0', { options: { force: true } })).state, 'configured');
      assert.equal(machine.trace.length, 4);
      assert.equal(machine.records.read('eth0')?.stanzas.length, 1);
    });

    it('of an interface that no source knows is unknown, runs no phase and leaves no record', async () => {
      const result = await machine.up('eth9');
      assert.equal(result.state, 'unknown');
      assert.equal(result.outcome, 'NOTFOUND');
      assert.deepEqual(machine.trace, []);
      assert.equal(machine.status('eth9'), undefined);
      assert.equal(machine.events.at(-1)?.name, 'interface.failed');
    });

    it('uses the logical name that it was given, and the one that a mapping led to', async () => {
      machine.world.stanzas = { home: [stanza('Work', { logical: 'flat' })] };
      const seen: string[] = [];
      machine.world.at = (hook, { logical }) => {
        if (hook === 'step') seen.push(logical);
        return undefined;
      };
      assert.equal((await machine.up('eth0', { logical: 'home' })).logical, 'flat');
      assert.equal((await machine.down('eth0')).logical, 'flat');
      assert.deepEqual(seen, ['flat', 'flat']);
    });

    it('goes on where the plan says that an outcome leads to', async () => {
      machine.world.plans = {
        eth0: {
          steps: {
            ENI: { parameters: {}, next: { NOTFOUND: 'Work' } },
            Work: { parameters: { timeout: '7' }, next: { TIMEOUT: 'Fallback' } },
          },
        },
      };
      let parameters: unknown;
      machine.world.at = (hook, operation) => {
        if (hook !== 'step' || operation.request === 'ifdown' || operation.step !== 'Work') return undefined;
        parameters = operation.parameters;
        return { outcome: 'TIMEOUT', message: 'no server answered' };
      };
      const result = await machine.up('eth0');
      assert.equal(result.state, 'configured');
      assert.equal(result.step, 'Fallback');
      assert.deepEqual(parameters, { timeout: '7' });
      // What had failed is taken back before the next is tried.
      assert.deepEqual(machine.trace.slice(2, 6), [
        'step eth0 Work ifup',
        'step eth0 Work ifdown',
        'postDown eth0 Work',
        'destroy eth0 Work',
      ]);
      assert.deepEqual(machine.status('eth0')?.stanzas, [
        { family: 'inet', method: 'fallback', step: 'Fallback' },
      ]);
    });

    it('stops a policy that leads in a circle', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      machine.world.plans = { eth0: { steps: { Work: { parameters: {}, next: { OK: 'Work' } } } } };
      const result = await machine.up('eth0');
      assert.equal(result.state, 'failed');
      assert.match(result.message ?? '', /more than 64 steps/);
      assert.deepEqual(machine.status('eth0')?.stanzas, []);
    });

    it('tries again as often as the plan says', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      machine.world.plans = {
        eth0: { steps: { Work: { parameters: {}, next: {}, retry: { times: 3, seconds: 0.01 } } } },
      };
      let left = 3;
      const told: string[] = [];
      machine.world.at = (hook, { request }) =>
        hook === 'step' && request === 'ifup' && left-- > 0 ? { outcome: 'FAIL' } : undefined;
      const result = await machine.up('eth0', {
        progress: ({ phase, message }) => phase === 'retry' && told.push(message!),
      });
      assert.equal(result.state, 'configured');
      assert.deepEqual(told, [
        'again in 0.01 s; attempts left: 3',
        'again in 0.02 s; attempts left: 2',
        'again in 0.04 s; attempts left: 1',
      ]);
      assert.equal(machine.status('eth0')?.stanzas.length, 1);
    });

    it('that fails takes back what it had begun, in reverse, and says what and why', async () => {
      machine.world.stanzas = { eth0: [stanza(), stanza('Other', { family: 'inet6' })] };
      machine.world.at = (hook, { step }) => {
        if (hook === 'postUp' && step === 'Other') throw new Error('if-up.d/firewall ended with status 1');
        return undefined;
      };
      const result = await machine.up('eth0');
      assert.equal(result.state, 'failed');
      assert.equal(result.message, 'postUp: if-up.d/firewall ended with status 1');
      assert.deepEqual(result.undone, ['inet work (Work): taken back']);
      assert.deepEqual(machine.trace.slice(8), [
        'preDown eth0 Other',
        'step eth0 Other ifdown',
        'postDown eth0 Other',
        'destroy eth0 Other',
        'preDown eth0 Work',
        'step eth0 Work ifdown',
        'postDown eth0 Work',
        'destroy eth0 Work',
      ]);
      const status = machine.status('eth0');
      assert.deepEqual([status?.state, status?.outcome, status?.stanzas], ['failed', 'FAIL', []]);
      assert.equal((await machine.down('eth0')).state, 'not-configured');
      assert.equal(machine.status('eth0'), undefined);
    });

    it('goes on with force where a phase fails, and tells of it', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      machine.world.at = hook => {
        if (hook === 'preUp') throw new Error('no firewall');
        return undefined;
      };
      const result = await machine.up('eth0', { options: { force: true } });
      assert.equal(result.state, 'configured');
      assert.deepEqual(result.warnings, ['preUp: no firewall']);
    });

    it('names the step that no plugin does', async () => {
      machine.world.stanzas = { eth0: [stanza('Nobody')] };
      const result = await machine.up('eth0');
      assert.equal(result.state, 'failed');
      assert.match(result.message ?? '', /no plugin does the step Nobody/);
      assert.deepEqual(machine.status('eth0')?.stanzas, [], 'there is nothing to be taken back');
    });

    it('that is aborted is undone, and leaves the next one an interface that can be configured', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      machine.world.at = (hook, operation) =>
        hook === 'step' && operation.request === 'ifup' ? aborts(operation) : undefined;
      const abort = new AbortController();
      const pending = machine.up('eth0', { signal: abort.signal });
      await until('the step', () => machine.trace.includes('step eth0 Work ifup'));
      assert.equal(machine.status('eth0')?.state, 'configuring');
      abort.abort();
      const result = await pending;
      assert.equal(result.outcome, 'ABORTED');
      assert.deepEqual(result.undone, ['inet work (Work): taken back']);
      machine.world.at = () => undefined;
      assert.equal((await machine.up('eth0')).state, 'configured');
    });
  });

  describe('down', () => {
    it('takes the stanzas back that are on record, the last first, whatever the source says by then', async () => {
      machine.world.stanzas = { eth0: [stanza(), stanza('Other')] };
      await machine.up('eth0');
      machine.world.stanzas = {};
      machine.trace.length = 0;
      const result = await machine.down('eth0');
      assert.equal(result.state, 'deconfigured');
      assert.deepEqual(machine.trace, [
        'preDown eth0 Other',
        'step eth0 Other ifdown',
        'postDown eth0 Other',
        'destroy eth0 Other',
        'preDown eth0 Work',
        'step eth0 Work ifdown',
        'postDown eth0 Work',
        'destroy eth0 Work',
      ]);
      assert.equal(machine.events.at(-1)?.name, 'interface.deconfigured');
      assert.deepEqual(readdirSync(machine.records.directory), []);
    });

    it('of what is not configured does nothing and says so', async () => {
      assert.equal((await machine.down('eth0')).state, 'not-configured');
      assert.deepEqual(machine.trace, []);
    });

    it('gathers the failures of phases and goes on', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      await machine.up('eth0');
      machine.world.at = hook => {
        if (hook !== 'step') throw new Error(`${hook} is broken`);
        return undefined;
      };
      const result = await machine.down('eth0');
      assert.equal(result.state, 'deconfigured');
      assert.deepEqual(result.warnings, [
        'preDown: preDown is broken',
        'postDown: postDown is broken',
        'destroy: destroy is broken',
      ]);
    });

    it('keeps on record what a step could not take back, and takes it back the next time', async () => {
      machine.world.stanzas = { eth0: [stanza(), stanza('Other')] };
      await machine.up('eth0');
      machine.world.at = (hook, { step }) =>
        hook === 'step' && step === 'Work' ? { outcome: 'FAIL', message: 'busy' } : undefined;
      const result = await machine.down('eth0');
      assert.equal(result.state, 'failed');
      assert.equal(result.message, 'inet work (Work): could not be taken back: Work: busy');
      assert.deepEqual(
        machine.status('eth0')?.stanzas.map(({ step }) => step),
        ['Work'],
      );
      machine.world.at = () => undefined;
      machine.trace.length = 0;
      assert.equal((await machine.down('eth0')).state, 'deconfigured');
      assert.equal(machine.trace.filter(line => line.startsWith('step')).length, 1);
    });

    it('is not said to be done where the plugin of the step is not there, and is done when it is', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      await machine.up('eth0');
      machine.host.remove('world');
      const { state, message } = await machine.down('eth0');
      assert.equal(state, 'failed');
      assert.match(message ?? '', /no plugin does the step Work/);
      await machine.begin();
      machine.trace.length = 0;
      assert.equal((await machine.down('eth0')).state, 'deconfigured');
      assert.ok(machine.trace.includes('step eth0 Work ifdown'));
    });

    it('with force takes down what a source declares, though nothing is on record', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      assert.equal((await machine.down('eth0', { options: { force: true } })).state, 'deconfigured');
      assert.ok(machine.trace.includes('step eth0 Work ifdown'));
    });
  });

  describe('with prerequisites', () => {
    beforeEach(() => {
      const { world } = machine;
      world.stanzas = { eth0: [stanza()], tun0: [stanza()], tun1: [stanza()] };
      world.plans = { tun0: { prerequisites: ['eth0'] }, tun1: { prerequisites: ['eth0'] } };
    });

    it('brings them up first, and takes them down with their last user', async () => {
      assert.equal((await machine.up('tun0')).state, 'configured');
      assert.ok(machine.trace.indexOf('step eth0 Work ifup') < machine.trace.indexOf('step tun0 Work ifup'));
      await machine.up('tun1');
      assert.deepEqual(machine.status('eth0')?.neededBy, ['tun0', 'tun1']);
      await machine.down('tun0');
      assert.equal(machine.status('eth0')?.state, 'configured');
      await machine.down('tun1');
      assert.equal(machine.status('eth0'), undefined);
      const cause = machine.events.find(
        ({ name, interface: on }) => name === 'request.ifdown' && on === 'eth0',
      )?.cause;
      assert.equal(machine.events.find(({ id }) => id === cause)?.interface, 'tun1');
    });

    it('leaves up what somebody asked for by itself, before or after', async () => {
      await machine.up('tun0');
      assert.equal((await machine.up('eth0')).state, 'already');
      await machine.down('tun0');
      assert.equal(machine.status('eth0')?.state, 'configured');
    });

    it('does not take down what others need, and says who; with force does', async () => {
      await machine.up('tun0');
      const result = await machine.down('eth0');
      assert.equal(result.state, 'needed');
      assert.equal(result.message, 'tun0 needs it');
      assert.equal(machine.status('eth0')?.state, 'configured');
      assert.equal((await machine.down('eth0', { options: { force: true } })).state, 'deconfigured');
    });

    it('fails when one of them fails, and lets go of the others', async () => {
      machine.world.plans.tun0 = { prerequisites: ['eth0', 'tun1'] };
      machine.world.plans.tun1 = {};
      machine.world.at = (hook, { interface: on }) => {
        if (hook === 'preUp' && on === 'tun1') throw new Error('no');
        return undefined;
      };
      const result = await machine.up('tun0');
      assert.equal(result.state, 'failed');
      assert.equal(result.message, 'its prerequisite tun1: preUp: no');
      assert.equal(machine.status('eth0'), undefined);
    });

    it('prints the circle when they need each other, within one request and across two', async () => {
      machine.world.plans = {
        eth0: { prerequisites: ['tun1'] },
        tun0: { prerequisites: ['eth0'] },
        tun1: { prerequisites: ['tun0'] },
      };
      const result = await machine.up('tun0');
      assert.equal(result.state, 'failed');
      assert.match(result.message ?? '', /wait for each other in a circle: tun1 → tun0 → eth0 → tun1/);
      const both = await Promise.all([machine.up('tun0'), machine.up('tun1'), machine.up('eth0')]);
      assert.deepEqual(
        both.map(({ state }) => state),
        ['failed', 'failed', 'failed'],
      );
      for (const name of ['eth0', 'tun0', 'tun1']) assert.deepEqual(machine.status(name)?.stanzas, []);
    });
  });

  describe('in turn', () => {
    it('is one at a time for an interface, and in parallel across', async () => {
      machine.world.stanzas = { eth0: [stanza()], eth1: [stanza()] };
      let release: () => void = () => undefined;
      machine.world.at = (hook, { interface: on, request }) =>
        hook === 'step' && on === 'eth0' && request === 'ifup'
          ? new Promise(resolve => {
              release = () => resolve({ outcome: 'OK' });
            })
          : undefined;
      const first = machine.up('eth0');
      await until('the step', () => machine.trace.includes('step eth0 Work ifup'));
      const second = machine.up('eth0');
      const third = machine.down('eth0');
      assert.equal((await machine.up('eth1')).state, 'configured');
      assert.equal(machine.status('eth0')?.waiting, 2);
      release();
      assert.deepEqual(
        (await Promise.all([first, second, third])).map(({ state }) => state),
        ['configured', 'already', 'deconfigured'],
      );
    });

    it('refuses more than sixteen that wait for one interface', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      machine.world.at = (hook, operation) => (hook === 'step' ? aborts(operation) : undefined);
      const abort = new AbortController();
      const all = Array.from({ length: 18 }, () => machine.up('eth0', { signal: abort.signal }));
      const ends = Promise.allSettled(all);
      await until('the step', () => machine.trace.includes('step eth0 Work ifup'));
      machine.world.at = () => undefined;
      abort.abort();
      const results = await ends;
      assert.equal(results.filter(({ status }) => status === 'rejected').length, 1);
      const [rejected] = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []));
      assert.equal(rejected.code, 'Overloaded');
      assert.deepEqual(
        machine.operations.status().map(({ state }) => state),
        ['failed'],
      );
    });

    it('waits for the lock of another process, and begins when that is free', async () => {
      await using other = await new Machine(machine.records.directory).begin();
      other.world.stanzas = { eth0: [stanza()] };
      machine.world.stanzas = { eth0: [stanza()] };
      let release: () => void = () => undefined;
      other.world.at = hook =>
        hook === 'step'
          ? new Promise(resolve => {
              release = () => resolve({ outcome: 'OK' });
            })
          : undefined;
      const first = other.up('eth0');
      await until('the step', () => other.trace.includes('step eth0 Work ifup'));
      const told: string[] = [];
      const second = machine.up('eth0', {
        progress: ({ message }) => message !== undefined && told.push(message),
      });
      await until('the wait', () => told.includes('another process is at work on it'));
      release();
      assert.equal((await first).state, 'configured');
      assert.equal((await second).state, 'already');
      assert.deepEqual(readdirSync(machine.records.directory), ['eth0.json']);
    });
  });

  it('leaves no descriptor, child or timer behind, however often', async () => {
    await using busy = await new Machine().begin(netconf => {
      netconf.hooks.step.for('Run').tapPromise('run', async operation => {
        const program = { path: '/bin/true', environment: {}, operation };
        return { outcome: (await netconf.run(program)).status === 0 ? 'OK' : 'FAIL' };
      });
    });
    busy.world.stanzas = { eth0: [stanza('Run')] };
    const abort = new AbortController();
    const once = async () => {
      assert.equal((await busy.up('eth0', { signal: abort.signal })).state, 'configured');
      assert.equal((await busy.down('eth0', { signal: abort.signal })).state, 'deconfigured');
    };
    await once();
    const files = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 100; round++) await once();
    // What the end of a program is waited for by is closed a turn later.
    await until('as many descriptors as before', () => readdirSync('/proc/self/fd').length <= files);
    assert.equal(busy.programs.running, 0);
    assert.deepEqual(getEventListeners(abort.signal, 'abort'), []);
  });

  describe('that was cut off', () => {
    it('goes on when the next daemon finds it, and takes back what is not declared any more', async () => {
      machine.world.stanzas = { eth0: [stanza(), stanza('Other')] };
      machine.world.at = (hook, operation) =>
        hook === 'step' && operation.step === 'Other' ? aborts(operation) : undefined;
      void machine.up('eth0');
      await until('the step', () => machine.trace.includes('step eth0 Other ifup'));
      // The process ends here: its lock goes with it, the record stays.
      const cut = machine.records.read('eth0');
      await using next = await new Machine().begin();
      next.records.write(cut!);
      next.world.stanzas = { eth0: [stanza('Work'), stanza('Fallback')] };
      await next.operations.recover();
      const status = next.status('eth0');
      assert.equal(status?.state, 'configured');
      assert.deepEqual(
        status?.stanzas.map(({ step }) => step),
        ['Work', 'Fallback'],
      );
      assert.ok(next.trace.includes('step eth0 Other ifdown'));
      assert.equal(existsSync(`${next.records.directory}/eth0.lock`), false);
    });

    it('stays on record when the daemon stops, and goes on after', async () => {
      machine.world.stanzas = { eth0: [stanza()] };
      machine.world.at = (hook, operation) => (hook === 'step' ? aborts(operation) : undefined);
      const pending = machine.up('eth0');
      await until('the step', () => machine.trace.includes('step eth0 Work ifup'));
      await machine.operations.stop();
      assert.equal((await pending).message, 'netconfd stops');
      await using next = await new Machine(machine.records.directory).begin();
      assert.equal(next.status('eth0')?.state, 'configuring');
      next.world.stanzas = machine.world.stanzas;
      await next.operations.recover();
      assert.equal(next.status('eth0')?.state, 'configured');
      assert.equal(next.status('eth0')?.explicit, true);
    });

    it('on the way down goes on downwards; a prerequisite that nobody needs goes down, too', async () => {
      machine.world.stanzas = { eth0: [stanza()], tun0: [stanza()] };
      machine.world.plans = { tun0: { prerequisites: ['eth0'] } };
      await machine.up('tun0');
      machine.records.write({ ...machine.records.read('tun0')!, state: 'deconfiguring' });
      await using next = await new Machine(machine.records.directory).begin();
      await next.operations.recover();
      assert.deepEqual(next.operations.status(), []);
      assert.ok(next.trace.includes('step eth0 Work ifdown'));
    });
  });

  it('of all interfaces asks for others than the owner only so often, and lets others have their turn', async () => {
    const names = Array.from({ length: 2000 }, (_, at) => `e${at}`);
    machine.world.declared = names.map(name => ({ interface: name, logical: name, classes: ['auto'] }));
    let asked = 0;
    let turns = 0;
    const all = (uid: number) => ({
      class: 'auto',
      ask: { peer: { uid, gid: uid, groups: [], pid: 1 } },
      admit: async () => {
        asked++;
        return { allow: false, reason: 'nobody may' } as const;
      },
    });
    const timer = setInterval(() => turns++, 1);
    const results = await operateAll(machine.operations, 'ifup', all(65534));
    assert.deepEqual([results.length, asked], [2000, 1024]);
    assert.ok(results.every(({ state }) => state === 'refused'));
    assert.match(results.at(-1)!.message!, /more than 1024 interfaces at once/);
    assert.ok(turns > 0);
    assert.deepEqual(machine.trace, []);
    clearInterval(timer);
    // Root is asked about like others, by plugins that leave interfaces to NetworkManager, without that end.
    await operateAll(machine.operations, 'ifup', all(0));
    assert.equal(asked, 1024 + 2000);
  });

  describe('on record', () => {
    it('of interfaces that do not exist are as many failures as somebody may look at, the latest', async () => {
      machine.world.at = (hook, { request }) =>
        hook === 'step' && request === 'ifup' ? { outcome: 'FAIL', message: 'no such link' } : undefined;
      machine.world.stanzas = { lo: [stanza()] };
      await machine.up('lo');
      for (let at = 0; at < 80; at++) {
        machine.world.stanzas[`enx${at}`] = [stanza()];
        await machine.up(`enx${at}`);
      }
      const left = readdirSync(machine.records.directory);
      assert.equal(left.length, 65, left.join());
      assert.deepEqual([machine.status('lo')?.state, machine.status('enx79')?.state], ['failed', 'failed']);
      assert.equal(machine.status('enx0'), undefined);
    });

    it('is kept of an interface that does not exist for as long as something of it could not be taken back', async () => {
      machine.world.at = (hook, { request }) =>
        hook === 'step' && request === 'ifup' ? { outcome: 'FAIL' } : undefined;
      machine.records.write(keptRecord(machine));
      for (let at = 0; at < 80; at++) {
        machine.world.stanzas[`enx${at}`] = [stanza()];
        await machine.up(`enx${at}`);
      }
      assert.equal(machine.records.read('kept')?.state, 'failed');
    });

    it('of another start of the machine, or of another link of the name, is forgotten', async () => {
      machine.world.stanzas = { eth0: [stanza()], lo: [stanza()] };
      await machine.up('eth0');
      await machine.up('lo');
      machine.records.write({ ...machine.records.read('eth0')!, boot: 'another' });
      machine.records.write({ ...machine.records.read('lo')!, ifindex: 77 });
      assert.deepEqual(machine.operations.status(), []);
      machine.trace.length = 0;
      assert.equal((await machine.down('eth0')).state, 'not-configured');
      assert.deepEqual(machine.trace, []);
      assert.equal((await machine.up('lo')).state, 'configured');
    });

    it('of a link that is gone is taken down all the same, so that its scripts run', async () => {
      machine.world.stanzas = { gone0: [stanza()] };
      await machine.up('gone0');
      machine.records.write({ ...machine.records.read('gone0')!, ifindex: 77 });
      machine.world.at = (hook, { request }) =>
        hook === 'step' && request === 'ifdown' ? { outcome: 'FAIL', message: 'no such device' } : undefined;
      assert.equal((await machine.down('gone0')).state, 'deconfigured');
      assert.ok(machine.trace.includes('postDown gone0 Work'));
    });
  });
});
