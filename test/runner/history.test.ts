import assert from 'node:assert/strict';
import { Event } from '../../core/bus/event.ts';
import type { Run } from '../../core/control/api.ts';
import { History, type Record } from '../../core/runner/history.ts';

const sizes = { hooks: 3, events: 3, storm: 3 };

describe('history', () => {
  let history: History;
  let id = 0;
  beforeEach(() => {
    history = new History(sizes);
    id = 0;
  });

  const event = (name: string, link?: string) =>
    new Event(++id, name, { source: 'netlink', interface: link });
  const run = (fields: Partial<Run> = {}): Run => ({
    script: '/x',
    started: 1,
    ms: 1,
    status: 0,
    signal: null,
    output: '',
    ...fields,
  });
  const record = (name: string, ...runs: Run[]): Record => ({
    event: event(name),
    state: 'done',
    runs,
    refused: [],
  });
  const ids = (parameters = {}) => history.query(parameters).map(entry => entry.event.id);

  it('keeps hook runs, plain events and storms apart, so that none pushes the other out', () => {
    history.add(record('link.up', run()));
    history.addPlain(event('link.changed'));
    for (let n = 0; n < 1000; n++) history.addPlain(event('route.added'));
    assert.deepEqual(ids(), [1, 2]);
    assert.deepEqual(ids({ storm: true }), [1, 2, 1000, 1001, 1002]);
    for (let n = 0; n < 10; n++) history.addPlain(event('link.changed'));
    assert.deepEqual(ids(), [1, 1010, 1011, 1012]);
  });

  it('filters by name, interface, failure and id, and gives the latest so many, the oldest first', () => {
    history.addPlain(event('link.up', 'eth0'));
    history.addPlain(event('link.down', 'eth1'));
    history.addPlain(event('x'));
    history.add(record('y', run()));
    history.add(record('y', run({ status: 1 })));
    history.add({ ...record('z'), refused: [{ script: '/x', reason: 'no' }] });
    assert.deepEqual(ids({ names: ['link.*'] }), [1, 2]);
    assert.deepEqual(ids({ interfaces: ['eth1'] }), [2]);
    assert.deepEqual(ids({ failed: true }), [5, 6]);
    assert.deepEqual(ids({ id: 3 }), [3]);
    assert.deepEqual(ids({ limit: 2 }), [5, 6]);
    assert.deepEqual(ids({ limit: 0 }), []);
    assert.deepEqual(history.query({ id: 77 }), []);
  });

  it('does not look at the data of an event before somebody asks for it', () => {
    let looked = 0;
    const data = () => {
      looked++;
      return { new: {} };
    };
    for (let n = 0; n < 10; n++) {
      history.addPlain(new Event(++id, 'route.added', { source: 'netlink', data }));
    }
    assert.equal(looked, 0);
    assert.equal(history.query({ storm: true }).length, 3);
    assert.equal(looked, 3);
  });

  it('bounds the output of all runs together: the oldest goes first', () => {
    history = new History({ ...sizes, hooks: 1000 });
    for (let n = 0; n < 200; n++) {
      const one = run({ output: 'x'.repeat(65_536) });
      const entry = record('y', one);
      history.add(entry);
      history.ended(entry, one);
    }
    const outputs = history.query({ limit: 1000 }).map(entry => entry.runs[0]?.output.length);
    assert.equal(outputs.filter(length => length === 65_536).length, 128);
    assert.equal(outputs[71], 0);
    assert.equal(outputs[72], 65_536);
  });

  it('keeps a failed run of a storm’s event among the hook runs', () => {
    const failed = run({ status: 2 });
    const entry = record('route.added', failed);
    history.add(entry);
    history.ended(entry, failed);
    for (let n = 0; n < 100; n++) {
      const fine = record('route.added', run());
      history.add(fine);
      history.ended(fine, fine.runs[0]!);
    }
    assert.deepEqual(ids(), [1]);
    assert.deepEqual(ids({ storm: true }), [1, 99, 100, 101]);
  });

  it('keeps the latest when it is made smaller', () => {
    for (let n = 0; n < 3; n++) history.addPlain(event('x'));
    history.resize({ ...sizes, events: 2 });
    assert.deepEqual(ids(), [2, 3]);
    history.resize({ ...sizes, events: 4 });
    for (let n = 0; n < 3; n++) history.addPlain(event('x'));
    assert.deepEqual(ids(), [3, 4, 5, 6]);
  });
});
