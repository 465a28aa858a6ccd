import assert from 'node:assert/strict';
import type { Event } from '../../../core/bus/event.ts';
import { Backoff } from '../../../plugins/policy/backoff.ts';

const at = (seconds: number) =>
  ({ name: 'interface.failed', time: seconds * 1000, id: seconds }) as unknown as Event;

describe('what follows from itself', () => {
  it('is done at once, then after a second, then each time after twice as long, five minutes at most', () => {
    const backoff = new Backoff();
    let now = 0;
    const pauses = Array.from({ length: 12 }, () => {
      const { ms, cause } = backoff.next('eth0', at(now));
      assert.equal(cause.id, 0, 'all have one cause');
      now += ms / 1000 + 60;
      return ms / 1000;
    });
    assert.deepEqual(pauses, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    assert.equal(backoff.next('eth1', at(now)).ms, 0);
  });

  it('begins anew when something else happened, or nothing for long', () => {
    const backoff = new Backoff();
    for (let times = 0; times < 8; times++) backoff.next('eth0', at(0));
    assert.equal(backoff.pauseOf('eth0', at(100)).ms, 128_000);
    assert.equal(backoff.pauseOf('eth0', at(1000)).ms, 0);
    backoff.forget('eth0');
    assert.equal(backoff.next('eth0', at(2)).ms, 0);
  });
});
