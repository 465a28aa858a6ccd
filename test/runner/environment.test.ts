import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Event } from '../../core/bus/event.ts';
import { buildEnvironment } from '../../core/runner/environment.ts';

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const state = fc.dictionary(
  fc.oneof(fc.constantFrom('ifname', 'flags', 'mtu', 'link-info'), fc.string({ maxLength: 6 })),
  fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(fc.string({ maxLength: 4 }), scalar)),
  { noNullPrototype: true },
);

describe('the environment of scripts', () => {
  it('is the same for the kernel’s frozen states, which it remembers, as for data that may change', () => {
    fc.assert(
      fc.property(state, state, state, fc.boolean(), (first, second, third, shares) => {
        const states = [first, { ...first, ...second }, { ...(shares ? second : {}), ...third }];
        const frozen = states.map(one => Object.freeze({ ...one }));
        for (const pick of [
          [undefined, 0],
          [0, 1],
          [1, 2],
          [2, undefined],
          [2, 2],
        ] as const) {
          const data = (all: readonly object[]) => ({
            ...(pick[0] !== undefined && { old: all[pick[0]] }),
            ...(pick[1] !== undefined && { new: all[pick[1]] }),
          });
          assert.deepEqual(environment(data(frozen)), environment(data(states)));
        }
      }),
    );
  });

  function environment(data: object) {
    const event = new Event(1, 'link.changed', { source: 'netlink', interface: 'eth0', data });
    const { variables, notes } = buildEnvironment(event, '/run/netconf/control');
    return { variables: variables.toSorted(), notes };
  }
});
