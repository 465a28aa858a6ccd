import assert from 'node:assert/strict';
import { next, transitions } from '../../core/interface/states.ts';

const states = ['down', 'configuring', 'configured', 'failed', 'deconfiguring'] as const;
const moves = [...new Set(transitions.map(({ on }) => on))];

describe('the table of states', () => {
  it('has one way at most for each move from each state, and throws for all others', () => {
    for (const from of states) {
      for (const on of moves) {
        const found = transitions.filter(each => each.from === from && each.on === on);
        assert.ok(found.length <= 1, `${from} ${on}`);
        if (found.length === 1) assert.equal(next(from, on), found[0]?.to);
        else assert.throws(() => next(from, on), { code: 'Internal' });
      }
    }
  });

  it('leads from every state to every other', () => {
    for (const start of states) {
      const reached = new Set<string>([start]);
      for (const from of reached)
        for (const each of transitions) if (each.from === from) reached.add(each.to);
      assert.deepEqual([...reached].sort(), [...states].sort(), start);
    }
  });
});
