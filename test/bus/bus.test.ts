import assert from 'node:assert/strict';
import { Bus } from '../../core/bus/bus.ts';
import type { Event } from '../../core/bus/event.ts';

const from = { source: 'daemon' } as const;

describe('the bus', () => {
  let failures: [string, string, string][];
  let bus: Bus;
  beforeEach(() => {
    failures = [];
    bus = new Bus((owner, event, error) => failures.push([owner, event.name, String(error)]));
  });

  it('delivers what a listener publishes after the current event is finished', () => {
    const seen: string[] = [];
    bus.on('first', 'a', () => {
      bus.publish('nested', from);
      seen.push('a first');
    });
    bus.on('first', 'b', () => seen.push('b first'));
    bus.on('nested', 'b', () => seen.push('b nested'));
    bus.publish('first', from);
    assert.deepEqual(seen, ['a first', 'b first', 'b nested']);
  });

  it('names the listener that throws or rejects, and the others still get the event', async () => {
    const seen: string[] = [];
    bus.on('x', 'thrower', () => {
      throw new Error('no');
    });
    bus.on('x', 'rejecter', () => Promise.reject(new Error('later')));
    bus.on('x', 'good', event => seen.push(event.name));
    bus.publish('x', from);
    await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(seen, ['x']);
    assert.deepEqual(failures, [
      ['thrower', 'x', 'Error: no'],
      ['rejecter', 'x', 'Error: later'],
    ]);
  });

  it('returns an undo from on, and delivers all to the wildcard', () => {
    const seen: string[] = [];
    const undo = bus.on('x', 'a', () => seen.push('a'));
    bus.on('*', 'b', event => seen.push(`* ${event.name}`));
    bus.publish('x', from);
    undo();
    undo();
    bus.publish('x', from);
    bus.publish('y', from);
    assert.deepEqual(seen, ['a', '* x', '* x', '* y']);
  });

  it('counts ids up and links an event to the one it was published during', () => {
    const seen: Event[] = [];
    bus.on('*', 'all', event => {
      seen.push(event);
    });
    bus.on('first', 'a', () => {
      bus.publish('second', from);
    });
    const first = bus.publish('first', { ...from, interface: 'eth0' });
    assert.equal(first.id, 1);
    assert.deepEqual(
      seen.map(event => [event.id, event.name, event.cause]),
      [
        [1, 'first', undefined],
        [2, 'second', 1],
      ],
    );
  });

  it('holds an event whose chain of causes is longer than eight, so that a loop ends', () => {
    let delivered = 0;
    const held: Event[] = [];
    bus.observe((event, isHeld) => {
      if (isHeld) held.push(event);
    });
    bus.on('again', 'loop', () => {
      delivered++;
      bus.publish('again', from);
    });
    bus.publish('again', from);
    assert.equal(delivered, 9);
    assert.deepEqual(
      held.map(event => event.depth),
      [9],
    );
  });

  it('bounds what may wait while an event is delivered', () => {
    bus.on('flood', 'flooder', () => {
      for (let i = 0; i < 10_001; i++) bus.publish('drop', from);
    });
    bus.publish('flood', from);
    assert.match(failures[0]?.join(' ') ?? '', /^flooder flood NetconfError: drop: 10000 events wait/);
  });

  it('works data out at the first look only', () => {
    let made = 0;
    const event = bus.publish('x', { ...from, data: () => ({ made: ++made }) });
    assert.equal(made, 0);
    assert.deepEqual(event.data, { made: 1 });
    assert.deepEqual(JSON.parse(event.line), {
      id: 1,
      name: 'x',
      time: event.time,
      source: 'daemon',
      data: { made: 1 },
    });
  });
});
