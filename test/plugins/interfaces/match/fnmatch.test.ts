import assert from 'node:assert/strict';
import fc from 'fast-check';
import koffi from 'koffi';
import { fnmatch } from '../../../../plugins/interfaces/match/fnmatch.ts';

const libc = koffi.load(null);
const fnmatchOfLibc = libc.func('int fnmatch(const char *pattern, const char *text, int flags)');
/** FNM_EXTMATCH of glibc's fnmatch.h. */
const extmatch = 1 << 5;

const letters = fc.constantFrom('a', 'b', 'e', 't', 'h', '0', '1', '-', '.', ']');
const names = fc.string({ unit: letters, maxLength: 8 });
const wild = fc.constantFrom(
  '*',
  '?',
  '[ab]',
  '[!ab]',
  '[^0-9]',
  '[a-h]',
  '[]a]',
  '[[:digit:]e]',
  '\\*',
  '[',
);
const patterns = fc.array(fc.oneof(letters, wild), { maxLength: 6 }).map(parts => parts.join(''));

describe('fnmatch', () => {
  it('agrees with that of libc', () => {
    fc.assert(
      fc.property(patterns, names, (pattern, text) => {
        assert.equal(fnmatch(pattern, text), fnmatchOfLibc(pattern, text, 0) === 0, `${pattern} ${text}`);
      }),
      { numRuns: 5000 },
    );
  });

  it('agrees with that of libc on groups, where they are groups', () => {
    for (const [pattern, text] of [
      ['@(eth|en)*', 'enp1s0'],
      ['eth+([0-9])', 'eth12'],
      ['eth+([0-9])', 'eth'],
      ['?(v)eth*', 'veth0'],
      ['!(lo|eth0)', 'eth1'],
      ['!(lo|eth0)', 'lo'],
      ['*(ab|c)d', 'abcabd'],
      ['@(a|@(b|c))', 'c'],
      ['+(a|b', '+(a|b'],
    ] as const) {
      const theirs = fnmatchOfLibc(pattern, text, extmatch) === 0;
      assert.equal(fnmatch(pattern, text, { extended: true }), theirs, `${pattern} ${text}`);
    }
  });

  it('is not held up by a hostile pattern', () => {
    const text = 'a'.repeat(4000);
    assert.equal(fnmatch(`${'*a'.repeat(40)}*b`, text), false);
    assert.equal(fnmatch(`*(${'a|'.repeat(20)}a)b`, 'a'.repeat(15), { extended: true }), false);
  });
});
