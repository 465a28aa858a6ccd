import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anyGlob, globMatches } from '../../core/base/glob.ts';

describe('globs', () => {
  it('cover the whole text: * any run, ? one character, the rest itself', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 });
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const escaped = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        assert.equal(globMatches(pattern, value), new RegExp(`^${escaped}$`).test(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('cost no more than pattern times text', () => {
    assert.equal(globMatches('*a'.repeat(100), 'a'.repeat(20_000)), true);
    assert.equal(globMatches(`${'*a'.repeat(100)}b`, 'a'.repeat(20_000)), false);
  });

  it('let everything through without a list, and nothing without a text with one', () => {
    assert.equal(anyGlob(undefined)('x'), true);
    assert.equal(anyGlob([])(undefined), true);
    assert.equal(anyGlob(['*'])(undefined), false);
    assert.equal(anyGlob(['a', 'b*'])('bc'), true);
    assert.equal(anyGlob(['a', 'b*'])('ab'), false);
  });
});
