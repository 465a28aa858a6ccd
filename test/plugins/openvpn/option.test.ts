import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { clientLines, VpnLab } from './lab.ts';

/** A lab whose w0 is configured by interfaces(5), with scripts beside it that tell when they run. */
function withFile(option: string, configuration = ''): VpnLab {
  const lab = new VpnLab();
  const path = (name: string) => join(lab.folder, name);
  lab.configure(
    `plugins: {interfaces: {file: ${path('interfaces')}, scripts: ${path('network')}}, openvpn: ${
      configuration === '' ? `{directory: ${path('openvpn')}}` : configuration
    }}\n`,
  );
  const stanza = `iface w0 inet static\n  address 10.5.0.2/24\n  gateway 10.5.0.1\n  openvpn ${option}\n`;
  writeFileSync(path('interfaces'), stanza);
  for (const directory of ['if-up.d', 'if-down.d']) {
    mkdirSync(path(`network/${directory}`), { recursive: true });
    for (const name of ['openvpn', 'other']) {
      const script = path(`network/${directory}/${name}`);
      writeFileSync(script, `#!/bin/sh\n[ -z "$IF_OPENVPN" ] || touch ${path(`ran-${directory}-${name}`)}\n`);
      chmodSync(script, 0o755);
    }
  }
  lab.inside('ip', 'addr', 'flush', 'dev', 'w0');
  return lab;
}

describe('the option openvpn of interfaces(5)', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ss', 'openvpn', 'openssl', 'ping'] });
  });

  it('has the VPNs stand after the interface, in place of Debian’s scripts, and ends them before it', async () => {
    await using lab = withFile('work');
    const ran = (name: string) => existsSync(join(lab.folder, `ran-${name}`));
    lab.config('work', clientLines());
    await lab.server();
    await lab.start();
    const { path } = await lab.client.call('Explain', { operation: 'ifup', interface: 'w0' });
    assert.deepEqual(path!.replaced, [
      { script: 'if-up.d/openvpn', plugin: 'openvpn' },
      { script: 'if-down.d/openvpn', plugin: 'openvpn' },
    ]);
    const { state, message } = await lab.up('w0');
    assert.equal(state, 'configured', message);
    await lab.event('vpn.up');
    await lab.reaches('10.7.0.1');
    assert.deepEqual([ran('if-up.d-openvpn'), ran('if-up.d-other')], [false, true]);
    const [pid] = lab.processes();
    await lab.kill('SIGKILL');
    const after = lab.events.length;
    await lab.start();
    await lab.event('vpn.up', after);
    assert.deepEqual(lab.processes(), [pid]);
    const down = await lab.down('w0');
    assert.equal(down.state, 'deconfigured', down.message);
    assert.deepEqual([lab.addresses(), lab.ways(), lab.processes(), lab.kept()], [undefined, [], [], []]);
    assert.deepEqual([ran('if-down.d-openvpn'), ran('if-down.d-other')], [false, true]);
  });

  it('waits for a server that comes later, since nobody waits for it', async () => {
    await using lab = withFile('work');
    lab.config('work', clientLines());
    await lab.start();
    assert.equal((await lab.up('w0')).state, 'configured');
    await until('the process', () => lab.processes().length === 1);
    await lab.server();
    await lab.event('vpn.up', 0, 30_000);
    await lab.reaches('10.7.0.1');
    await lab.down('w0');
    assert.deepEqual([lab.addresses(), lab.ways(), lab.processes(), lab.kept()], [undefined, [], [], []]);
  });

  it('has another device when somebody takes that away', async () => {
    await using lab = withFile('work');
    lab.config('work', clientLines());
    await lab.server();
    await lab.start();
    await lab.up('w0');
    await lab.event('vpn.up');
    const after = lab.events.length;
    lab.inside('ip', 'link', 'del', 'tun0');
    await lab.event('vpn.up', after, 30_000);
    await lab.reaches('10.7.0.1');
    assert.deepEqual(lab.addresses(), ['10.7.0.2/24']);
    await lab.down('w0');
    assert.deepEqual([lab.addresses(), lab.ways(), lab.processes(), lab.kept()], [undefined, [], [], []]);
  });

  it('names the file and line where it names nothing that there is', async () => {
    await using lab = withFile('work ../../etc/passwd');
    await lab.start();
    const bad = await lab.up('w0');
    assert.equal(bad.state, 'failed');
    assert.match(bad.message!, /interfaces:1(:\d+)?: option openvpn: "\.\.\/\.\.\/etc\/passwd" is no name/);
    writeFileSync(join(lab.folder, 'interfaces'), 'iface w0 inet manual\n  openvpn absent\n');
    const absent = await lab.up('w0');
    assert.match(
      absent.message!,
      /interfaces:1(:\d+)?: option openvpn absent: .*absent.conf: it does not exist/,
    );
    assert.deepEqual([lab.processes(), lab.kept()], [[], []]);
  });

  it('is Debian’s scripts’ to do where the plugin is not loaded', async () => {
    await using lab = withFile('work', 'false');
    await lab.start();
    assert.equal((await lab.up('w0')).state, 'configured');
    assert.ok(existsSync(join(lab.folder, 'ran-if-up.d-openvpn')));
    assert.deepEqual(lab.processes(), []);
  });
});
