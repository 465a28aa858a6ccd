import assert from 'node:assert/strict';
import { atOnce, now } from '../../core/base/clock.ts';

const pass = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end; );
};

describe('the clock of events', () => {
  it('stands still for what is done at once, and goes on afterwards, though that threw', () => {
    const before = now();
    assert.throws(
      () =>
        atOnce(() => {
          const first = now();
          pass(5);
          assert.equal(now(), first);
          throw new Error('no');
        }),
      /no/,
    );
    pass(2);
    assert.ok(now() > before);
  });
});
