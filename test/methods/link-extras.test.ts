import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { needs } from '../setup.ts';

const method = join(import.meta.dirname, '../../methods/linux/link-extras');

describe('the method link-extras', () => {
  for (const shell of [['dash'], ['busybox', 'sh']]) {
    it(`refuses what it would not be safe to use, in ${shell[0]}`, function () {
      needs(this, { programs: [shell[0]!] });
      const run = (environment: Record<string, string>) => {
        const env = { PATH: process.env.PATH, IFACE: 'none0', MODE: 'up', ...environment };
        const { status, stderr } = spawnSync(shell[0]!, [...shell.slice(1), method], {
          encoding: 'utf8',
          env,
        });
        return [status, stderr.trim()];
      };
      assert.deepEqual(run({ IF_ARP: 'maybe' }), [1, 'none0: option arp: is neither on nor off']);
      assert.deepEqual(run({ IF_ALLMULTI: 'on; reboot' }), [
        1,
        'none0: option allmulti: is neither on nor off',
      ]);
      for (const bandwidth of ['1mbit', '0', '-5', '1 2', '12345678901234'])
        assert.deepEqual(run({ IF_BANDWIDTH: bandwidth }), [
          1,
          'none0: option bandwidth: is no number of bits in a second',
        ]);
      assert.deepEqual(run({ IF_ARP: 'on' }), [1, 'none0: there is no such interface']);
      assert.deepEqual(run({ IFACE: '../x' }), [1, '../x: IFACE is no name of an interface']);
      assert.deepEqual(run({ MODE: 'sideways' }), [1, 'none0: MODE is none of up, down, query']);
    });
  }
});
