import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';
import { standIn } from './stand-in.ts';

const stanza = (more = '\twpa-driver wired\n\twpa-key-mgmt IEEE8021X\n\twpa-password secret-word\n') =>
  `iface e0 inet static\n\taddress 192.0.2.2/24\n${more}`;

/** Nothing of a supplicant is left, and no key in what was said. */
function isClean(ground: Ground): void {
  assert.deepEqual([ground.supplicants(), ground.addresses('e0')], [[], []]);
  const files = join(ground.run, 'wpa-supplicant');
  assert.deepEqual(existsSync(files) ? readdirSync(files) : [], []);
  assert.doesNotMatch(ground.output(), /secret-word/);
}

const dying = Object.fromEntries(
  ['PING', 'ATTACH', 'AP_SCAN', 'ADD_NETWORK', 'SET_NETWORK', 'ENABLE_NETWORK'].map(command => [
    `a supplicant that dies of ${command} fails the operation, and leaves nothing`,
    async () => {
      await using ground = new Ground();
      ground.cable();
      const program = standIn(ground, { dies: command });
      await ground.daemon({ interfaces: stanza(), options: { program, timeout: 60 } });
      const result = await ground.up('e0');
      assert.equal(result.state, 'failed', JSON.stringify(result));
      assert.match(result.message!, /wpa_supplicant (ends at once|fails again and again)|has ended|is gone/);
      isClean(ground);
      // The daemon goes on.
      assert.equal((await ground.up('lo')).state, 'already');
    },
  ]),
);

/** What goes wrong with a supplicant, its socket, or the options for it. */
export const faults: Scenarios = {
  ...dying,

  'a supplicant that is not installed is named, with its package': async () => {
    await using ground = new Ground();
    ground.cable();
    const program = undefined;
    await ground.daemon({ interfaces: stanza(), options: { program } });
    const result = await ground.up('e0');
    assert.equal(result.state, 'failed');
    assert.match(result.message!, /wpa_supplicant is not installed: it is in the package wpasupplicant/);
    isClean(ground);
  },

  'a supplicant that cannot start is quoted': async () => {
    await using ground = new Ground();
    ground.cable();
    await ground.daemon({ interfaces: stanza('\twpa-driver nonsense\n\twpa-ssid home\n') });
    const result = await ground.up('e0');
    assert.equal(result.state, 'failed');
    assert.match(result.message!, /wpa_supplicant ends at once: .*Unsupported driver/);
    isClean(ground);
  },

  'a supplicant that never answers is ended': async () => {
    await using ground = new Ground();
    ground.cable();
    const program = standIn(ground, { mute: true });
    await ground.daemon({ interfaces: stanza(), options: { program } });
    const result = await ground.up('e0');
    assert.equal(result.state, 'failed');
    assert.match(result.message!, /the supplicant at \S+ does not answer/);
    isClean(ground);
  },

  'garbage, answers of 10 MB and a flood of messages do no harm': async () => {
    await using ground = new Ground();
    ground.cable();
    const program = standIn(ground, { garbage: true });
    await ground.daemon({ interfaces: stanza(), options: { program } });
    const result = await ground.up('e0');
    assert.equal(result.state, 'configured', JSON.stringify(result) + ground.output());
    const events = ground.events.filter(({ name }) => name.startsWith('wifi.'));
    assert.deepEqual(
      events.map(({ name, data }) => [name, data]),
      [['wifi.connected', { ssid: '\\x1b[2J\\xff', bssid: '01:80:c2:00:00:03', id_str: '$(reboot)' }]],
    );
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    isClean(ground);
  },

  'a failure to authenticate that nobody has asked for is none': async () => {
    await using ground = new Ground();
    ground.cable();
    // Heard a minute after it was connected to a port where nobody does 802.1X.
    const says = ['<3>CTRL-EVENT-EAP-FAILURE EAP authentication failed'];
    const program = standIn(ground, { says });
    const e0 = '[IFUP]\nstartat WPA\n[cfg WPA]\ntimeout 2\nwpa-driver wired\nwpa-eap MD5\n';
    await ground.daemon({ policies: { e0 }, options: { program } });
    const result = await ground.up('e0');
    assert.deepEqual([result.state, result.outcome], ['failed', 'TIMEOUT'], JSON.stringify(result));
    assert.match(result.message!, /no connection in 2 s: nobody asks who is there/);
    assert.deepEqual(ground.heard('wifi.auth-failed'), []);
  },

  'a value that the supplicant refuses is named by its option, and not shown': async () => {
    await using ground = new Ground();
    ground.cable();
    const more = '\twpa-driver wired\n\twpa-eap NONSENSE-secret-word\n';
    await ground.daemon({ interfaces: stanza(more) });
    const result = await ground.up('e0');
    assert.equal(result.state, 'failed');
    assert.match(result.message!, /wpa_supplicant does not take the value of wpa-eap$/);
    isClean(ground);
  },

  'a socket of another user is told nothing': async () => {
    await using ground = new Ground();
    ground.cable();
    const heard = await stranger(ground, { owner: true });
    await ground.daemon({ interfaces: stanza() });
    const result = await ground.up('e0');
    assert.equal(result.state, 'failed');
    assert.match(result.message!, /belongs to user 65534, not to root/);
    assert.equal(heard(), '');
  },

  'whoever listens at a socket of root’s and is another user is told no secrets': async () => {
    await using ground = new Ground();
    ground.cable();
    const heard = await stranger(ground, { owner: false });
    await ground.daemon({ interfaces: stanza() });
    const result = await ground.up('e0');
    assert.equal(result.state, 'failed');
    assert.match(result.message!, /does not answer/);
    assert.equal(heard(), 'PING\n');
  },

  'options that cannot be are told with file and line, before anything begins': async () => {
    await using ground = new Ground();
    ground.cable();
    const program = standIn(ground, {});
    await ground.daemon({ interfaces: stanza('\twpa-ssid home\n\twpa-psk short\n'), options: { program } });
    const result = await ground.up('e0');
    assert.match(
      result.message!,
      /interfaces:1: wpa-psk: 8 to 63 characters, or 64 hexadecimal digits, were expected/,
    );
    assert.ok(!existsSync(join(ground.run, 'wpa-supplicant')));
  },

  'a link that is not there is named': async () => {
    await using ground = new Ground();
    await ground.daemon({ interfaces: stanza() });
    const result = await ground.up('e0');
    assert.match(result.message!, /there is no interface e0/);
    isClean(ground);
  },

  'scripts of Debian’s package act where the plugin is not loaded, and explain says who does': async () => {
    await using ground = new Ground();
    ground.cable();
    const script = ground.folder.write(
      'network/if-pre-up.d/wpasupplicant',
      `#!/bin/sh\necho $IF_WPA_DRIVER >>${ground.path('ran')}\n`,
    );
    chmodSync(script, 0o755);
    const interfaces = stanza('\twpa-driver wired\n\twpa-timeout 0\n');
    await ground.daemon({ interfaces });
    const { path } = await ground.client.call('Explain', { operation: 'ifup', interface: 'e0' });
    assert.deepEqual(
      path!.replaced.map(each => `${each.plugin}: ${each.script}`),
      ['pre-up', 'up', 'down', 'post-down'].map(each => `wpa-supplicant: if-${each}.d/wpasupplicant`),
    );
    assert.equal((await ground.up('e0')).state, 'configured');
    assert.equal(ground.supplicants().length, 1);
    await ground.down('e0');
    await ground.kill();
    await ground.daemon({ interfaces, options: false });
    assert.equal((await ground.up('e0')).state, 'configured');
    assert.deepEqual(ground.supplicants(), []);
    assert.match(readFileSync(ground.path('ran'), 'utf8'), /^wired$/m);
  },
};

/** Another user at the place of the supplicant's socket; what it has heard. */
async function stranger(ground: Ground, { owner }: { owner: boolean }): Promise<() => string> {
  mkdirSync(ground.path('ctrl'));
  const code = `
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(${JSON.stringify(join(ground.path('ctrl'), 'e0'))})
os.chmod(${JSON.stringify(join(ground.path('ctrl'), 'e0'))}, 0o777)
f = open(${JSON.stringify(ground.path('heard'))}, 'w', buffering=1)
${owner ? `os.chown(${JSON.stringify(join(ground.path('ctrl'), 'e0'))}, 65534, 65534)` : ''}
os.chmod(${JSON.stringify(ground.folder.path)}, 0o755)
os.setuid(65534)
while True:
    d, a = s.recvfrom(65536)
    f.write(d.decode('latin1') + '\\n')
    try: s.sendto(b'PONG\\n' if d == b'PING' else b'OK\\n', a)
    except OSError: pass
`;
  ground.start('near', 'python3', '-c', code);
  await until('the stranger', () => existsSync(ground.path('heard')));
  return () => readFileSync(ground.path('heard'), 'utf8');
}
