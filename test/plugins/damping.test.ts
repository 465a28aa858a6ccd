import assert from 'node:assert/strict';
import type { HistoryEntry } from '../../core/control/api.ts';
import { startDaemon, type TestDaemon, until } from '../daemon.ts';
import { needs } from '../setup.ts';
import { addVeth, carrier } from '../veth.ts';

const isCarrier = ({ name }: { name: string }) => name === 'link.carrier' || name === 'link.no-carrier';
const say = '#!/bin/sh\necho "$1"\n';
const hooks = { 'link.carrier.d/10-say': say, 'link.no-carrier.d/10-say': say };

/** Takes and gives the carrier so many times, each seen before the next. */
async function flap(daemon: TestDaemon, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    for (const state of ['off', 'on'] as const) {
      const after = daemon.events.at(-1)?.id ?? 0;
      carrier(daemon, state);
      const name = state === 'on' ? 'link.carrier' : 'link.no-carrier';
      await daemon.event(name, { interface: 'near', after });
    }
  }
}

/** What became of the carrier events of `near`, when none has anything before it any more. */
function settled(daemon: TestDaemon): Promise<HistoryEntry[]> {
  return until('the last script', async () => {
    const names = ['link.carrier', 'link.no-carrier'];
    const { entries } = await daemon.client.call('History', { names, interfaces: ['near'], limit: 1000 });
    return entries.every(({ state }) => state !== 'queued' && state !== 'running') && entries;
  });
}

describe('damping', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('runs the scripts of a flapping link far fewer times than it flaps, and once more for its last state', async () => {
    const configuration = 'plugins:\n  damping:\n    changes: 4\n    window: 3600\n    hold: 0.5\n';
    await using daemon = await startDaemon({ hooks, configuration });
    addVeth(daemon);
    await daemon.event('link.carrier', { interface: 'near' });
    await flap(daemon, 20);
    const entries = await settled(daemon);
    const published = daemon.events.filter(event => isCarrier(event) && event.interface === 'near');
    assert.equal(published.length, 41, 'every change is published');
    assert.equal(entries.length, 41);

    const ran = entries.filter(({ runs }) => runs.length > 0);
    assert.ok(ran.length <= 10, `${ran.length} of 41 ran`);
    const last = entries.at(-1)!;
    assert.equal(last.event.name, 'link.carrier');
    assert.equal(last.runs[0]?.output, 'link.carrier\n');
    assert.match(last.reason ?? '', /^held back: more than 4 carrier changes within 3600 s/);
    assert.ok((last.superseded?.length ?? 0) > 0, 'it stands for those before it');
    const lastRan = ran.at(-1);
    assert.equal(lastRan, last);
  });

  it('leaves a link alone that changes now and then, and other links beside a flapping one', async () => {
    const configuration = 'plugins:\n  damping:\n    changes: 4\n    window: 3600\n    hold: 60\n';
    await using daemon = await startDaemon({ hooks, configuration });
    addVeth(daemon, 'quiet', 'other');
    addVeth(daemon);
    await daemon.event('link.carrier', { interface: 'near' });
    await flap(daemon, 5);
    carrier(daemon, 'off', 'other');
    const change = await daemon.event('link.no-carrier', { interface: 'quiet' });
    const output = await until('the script of the quiet link', async () => {
      const { entries } = await daemon.client.call('History', { id: change.id });
      return entries[0]?.state === 'done' && entries[0].runs[0]?.output;
    });
    assert.equal(output, 'link.no-carrier\n');
    const { entries } = await daemon.client.call('History', {
      interfaces: ['near'],
      names: ['link.*carrier'],
    });
    assert.equal(entries.at(-1)?.state, 'queued', 'the flapping one still waits');
  });

  it('refuses options that make no sense, with their place', async () => {
    await using daemon = await startDaemon({
      netns: false,
      configuration: 'plugins:\n  damping:\n    hold: never\n',
    });
    const { plugins } = await daemon.client.call('Plugins', {});
    const report = plugins.find(({ name }) => name === 'damping');
    assert.equal(report?.state, 'failed');
    assert.match(report?.reason ?? '', /netconf\.yaml:3:\d+: plugins\.damping\.hold: /);
  });
});
