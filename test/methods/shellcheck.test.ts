import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../setup.ts';
import { methodsDirectory } from './ground.ts';

const names = readdirSync(methodsDirectory).filter(name => !name.startsWith('.') && name !== 'lib');

describe('every method', () => {
  it('is a POSIX script that shellcheck finds nothing in, with the library that it sources', function () {
    this.timeout(180_000);
    needs(this, { programs: ['shellcheck'] });
    for (const name of names) {
      const { status, stdout } = spawnSync('shellcheck', ['--check-sourced', name], {
        cwd: methodsDirectory,
        encoding: 'utf8',
      });
      assert.deepEqual({ name, status, stdout }, { name, status: 0, stdout: '' });
    }
  });

  it('can be run, and says first what it is for', () => {
    for (const name of names) {
      accessSync(join(methodsDirectory, name), constants.X_OK);
      assert.match(readFileSync(join(methodsDirectory, name), 'utf8'), /^#!\/bin\/sh\n# [A-Z]/, name);
    }
  });

  it('lets no value become code: nothing is evaluated', () => {
    const files = [...names, ...readdirSync(join(methodsDirectory, 'lib')).map(name => `lib/${name}`)];
    for (const file of files) {
      const code = readFileSync(join(methodsDirectory, file), 'utf8').replace(/^\s*#.*$/gm, '');
      assert.doesNotMatch(code, /\beval\b|\bsh -c\b|\bshellcheck disable\b/, file);
    }
  });
});
