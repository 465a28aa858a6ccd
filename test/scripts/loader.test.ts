import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheOf } from '../../core/base/compiled.ts';
import { programs } from '../daemon.ts';
import { Folder } from '../folder.ts';

const dist = dirname(programs.netconf);
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

describe('what V8 made of the programs before', () => {
  it('is there, under the name that is read, for the programs and for the plugins that ship', () => {
    for (const part of ['netconfd', 'netconf', 'shipped-plugins']) {
      const cache = readFileSync(cacheOf(join(dist, 'parts', `${part}.cjs`)));
      assert.ok(cache.length > 10_000, part);
    }
  });

  it('is not used where a part of it was never written: V8 would crash', () => {
    using folder = new Folder();
    const copy = join(folder.path, 'dist');
    cpSync(dist, copy, { recursive: true });
    symlinkSync(modules, join(folder.path, 'node_modules'));
    const caches = readdirSync(join(copy, 'parts')).filter(name => name.endsWith('.cache'));
    const damages: Record<string, (bytes: Buffer) => Buffer> = {
      'its end was never written': bytes => Buffer.from(bytes).fill(0, bytes.length >> 1),
      'it is shorter': bytes => bytes.subarray(0, bytes.length >> 1),
      'it is empty': () => Buffer.alloc(0),
    };
    for (const [what, damage] of Object.entries(damages)) {
      for (const name of caches)
        writeFileSync(join(copy, 'parts', name), damage(readFileSync(join(dist, 'parts', name))));
      for (const line of [
        ['netconf.cjs', '--version'],
        ['netconfd.cjs', '--version'],
        ['ifquery.cjs', '--version'],
      ]) {
        const run = spawnSync(process.execPath, [join(copy, line[0]!), ...line.slice(1)], {
          encoding: 'utf8',
        });
        assert.equal(run.status, 0, `${line[0]}, ${what}: ${run.signal} ${run.stderr.slice(0, 300)}`);
      }
    }
  });
});
