import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon, type TestDaemon } from '../daemon.ts';
import { has, needs } from '../setup.ts';

const emitters = fileURLToPath(new URL('../../examples/emitters/', import.meta.url));

for (const name of ['emit.sh', 'emit.py']) {
  describe(`the example emitter ${name}`, () => {
    let daemon: TestDaemon;

    before(async function () {
      needs(this, { programs: name === 'emit.py' ? ['python3'] : ['sh', 'perl'] });
      daemon = await startDaemon({
        netns: false,
        hooks: { 'fails.d/10-fail': '#!/bin/sh\necho "no $NETCONF_WHAT"\nexit 3\n' },
      });
    });
    after(() => daemon?.stop());

    const emit = (words: string[], env: NodeJS.ProcessEnv = {}) =>
      spawnSync(join(emitters, name), words, {
        encoding: 'utf8',
        timeout: 15_000,
        env: { PATH: process.env.PATH, NETCONF_SOCKET: daemon.socket, ...env },
      });

    it('emits an event that everybody sees, data and interface with it', async () => {
      const interfaceWords = name === 'emit.py' ? ['--interface', 'lo'] : ['INTERFACE=lo'];
      const { status, stdout, stderr } = emit([
        'home-lan-connected',
        'SSID=my "home" \\o/',
        ...interfaceWords,
      ]);
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
      assert.match(stdout, /"id": ?\d+/);
      const event = await daemon.event('home-lan-connected', { interface: 'lo' });
      assert.deepEqual(event.data, { SSID: 'my "home" \\o/' });
      assert.match(event.source, /^user:\d+$/);
    });

    it('says what the daemon refuses', () => {
      const { status, stderr } = emit(['link.up']);
      assert.equal(status, 1);
      assert.match(stderr, /io\.netconf\.ReservedName/);
    });

    it('says that nobody answers', () => {
      const { status, stderr } = emit(['hello'], { NETCONF_SOCKET: join(daemon.folder, 'nobody') });
      assert.equal(status, 1);
      assert.notEqual(stderr, '');
    });

    it('says what is wrong with its words', () => {
      assert.equal(emit(['hello', 'world']).status, 2);
    });

    if (name === 'emit.py') {
      it('waits for the scripts and fails when one of them failed', () => {
        const { status, stdout } = emit(['fails', 'WHAT=luck', '--wait']);
        assert.equal(status, 1);
        const { entry } = JSON.parse(stdout) as { entry: { runs: { status: number; output: string }[] } };
        assert.deepEqual(
          entry.runs.map(({ status, output }) => ({ status, output })),
          [{ status: 3, output: 'no luck\n' }],
        );
      });
      return;
    }

    for (const client of ['socat', 'nc', 'perl']) {
      it(`speaks through ${client} where that is what there is`, async function () {
        needs(this, { programs: [client] });
        const bin = mkdtempSync(join(tmpdir(), 'netconf-'));
        try {
          chmodSync(bin, 0o755);
          for (const program of ['sh', 'sed', 'tr', client]) {
            const path = ['/usr/bin', '/bin'].map(folder => join(folder, program)).find(has);
            if (path !== undefined) symlinkSync(path, join(bin, program));
          }
          const { status, stderr } = emit([`through-${client}`], { PATH: bin });
          assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
          await daemon.event(`through-${client}`);
        } finally {
          rmSync(bin, { recursive: true, force: true });
        }
      });
    }
  });
}
