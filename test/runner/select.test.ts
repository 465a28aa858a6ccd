import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { lsbNames, selectNames, usualNames } from '../../core/runner/select.ts';
import { needs } from '../setup.ts';

/** Names that a directory may hold, many of them close to what the rules are about. */
const names = fc.uniqueArray(
  fc
    .oneof(
      fc.string({ unit: fc.constantFrom(...'abz019AZ_-.~ '), minLength: 1, maxLength: 12 }),
      fc.stringMatching(/^_?[a-z0-9_.]{0,4}-[a-z0-9]{0,4}(\.dpkg-(old|dist|new|tmp))?$/),
      fc.constantFrom(
        '10-a',
        'a.sh',
        'a~',
        'README',
        '_x-y',
        'a.b-c',
        'a-b.dpkg-old',
        '-a',
        'ä',
        '{x}',
        "a'b",
        'a\nb',
      ),
    )
    .filter(name => name !== '.' && name !== '..' && name !== ''),
  { maxLength: 12 },
);

describe('selection', () => {
  before(function () {
    needs(this, { programs: ['run-parts'] });
  });

  const agrees = (options: string[], rule: (name: string) => boolean, reverse: boolean) =>
    fc.assert(
      fc.property(names, list => {
        const directory = mkdtempSync(join(tmpdir(), 'select-'));
        try {
          for (const name of list) writeFileSync(join(directory, name), '', { mode: 0o755 });
          const theirs = execFileSync('run-parts', ['--test', ...options, directory], { encoding: 'utf8' });
          const ours = selectNames(list, rule, reverse).map(name => `${directory}/${name}\n`);
          assert.equal(ours.join(''), theirs);
        } finally {
          rmSync(directory, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );

  it('is run-parts’ own, in names and order', () => agrees([], usualNames, false));
  it('is run-parts’ own in reverse', () => agrees(['--reverse'], usualNames, true));
  it('is run-parts’ own with --lsbsysinit', () => agrees(['--lsbsysinit'], lsbNames, false));
});
