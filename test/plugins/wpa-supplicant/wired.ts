import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';

/** What Debian's README has, for a cable. */
const stanza = (method: string, more = '', password = 'secret-word') => `iface e0 inet ${method}
	wpa-driver wired
	wpa-key-mgmt IEEE8021X
	wpa-eap MD5
	wpa-identity user
	wpa-password ${password}
${more}`;
const address = '\taddress 192.0.2.2/24\n';
const users = '"user" MD5 "secret-word"\n';

/** A supplicant in front of what configures an interface. */
export const cable: Scenarios = {
  'comes before the addresses of interfaces(5), tells its secrets to nobody, and is taken back': async () => {
    await using ground = new Ground();
    ground.cable();
    await ground.authenticator(users);
    // What Debian's package would run.
    for (const name of ['if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d']) {
      const script = ground.folder.write(
        `network/${name}/wpasupplicant`,
        `#!/bin/sh\necho $IFACE >>${ground.path('ran')}\n`,
      );
      chmodSync(script, 0o755);
    }
    await ground.daemon({ interfaces: stanza('static', address) });
    const result = await ground.up('e0');
    assert.equal(result.state, 'configured', JSON.stringify(result) + ground.output());
    assert.match(ground.cli('e0', 'status'), /suppPortStatus=Authorized/);
    assert.deepEqual(ground.addresses('e0'), ['192.0.2.2/24']);
    assert.deepEqual(ground.heard('wifi.connected'), [{ ssid: '', bssid: '01:80:c2:00:00:03', id_str: '' }]);
    const { id } = ground.events.find(({ name }) => name === 'wifi.connected')!;
    const added = await until('the address', () =>
      ground.events.find(
        ({ name, data }) => name === 'address.added' && JSON.stringify(data).includes('192.0.2.2'),
      ),
    );
    assert.ok(id < added.id);
    assert.equal(ground.supplicants().length, 1);
    assert.equal((await ground.up('e0')).state, 'already');

    const history = JSON.stringify(await ground.client.call('History', {}));
    const command = readFileSync(`/proc/${ground.supplicants()[0]}/cmdline`, 'utf8');
    const readable = execFileSync('find', [ground.run, '-type', 'f', '-perm', '/077'], { encoding: 'utf8' });
    const world = [history, command, JSON.stringify(ground.events), ground.output()];
    assert.ok(world.every(text => !text.includes('secret-word')));
    assert.ok(
      readable.split('\n').every(file => file === '' || !readFileSync(file, 'utf8').includes('secret-word')),
      readable,
    );

    const down = await ground.down('e0');
    assert.equal(down.state, 'deconfigured', JSON.stringify(down));
    assert.deepEqual([ground.addresses('e0'), ground.supplicants()], [[], []]);
    assert.deepEqual(readdirSync(join(ground.run, 'wpa-supplicant')), []);
    assert.equal((await ground.event('wifi.disconnected')).local, true);
    assert.doesNotMatch(readFileSync(ground.path('ran'), 'utf8'), /e0/);
  },

  'is a step of a policy in front of DHCP, and traffic flows then': async () => {
    await using ground = new Ground();
    ground.cable();
    await ground.authenticator(users);
    await ground.dnsmasq('port', '10.31.0');
    const e0 = `[IFUP]
startat WPA
[cfg WPA]
timeout 20
wpa-driver wired
wpa-key-mgmt IEEE8021X
wpa-eap MD5
wpa-identity user
wpa-password secret-word
CONNECTED DHCP
[cfg DHCP]
dhcp-client dhclient
timeout 20
`;
    await ground.daemon({ policies: { e0 } });
    const result = await ground.up('e0');
    assert.deepEqual(
      [result.state, result.outcome],
      ['configured', 'BOUND'],
      JSON.stringify(result) + ground.output(),
    );
    assert.match(ground.addresses('e0').join(), /^10\.31\.0\.1\d\d\/24$/);
    assert.ok(ground.pings('10.31.0.1'));
    assert.ok(await ground.transfers('10.31.0.1'));
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    assert.deepEqual([ground.addresses('e0'), ground.supplicants()], [[], []]);
  },

  'fails with a wrong password, and says so': async () => {
    await using ground = new Ground();
    ground.cable();
    await ground.authenticator(users);
    await ground.daemon({ interfaces: stanza('static', address, 'another-word') });
    const result = await ground.up('e0');
    assert.equal(result.state, 'failed', JSON.stringify(result));
    assert.match(result.message!, /the authentication server refuses us/);
    assert.deepEqual(await ground.event('wifi.auth-failed'), { ssid: '', reason: 'EAP' });
    assert.deepEqual([ground.heard('wifi.connected'), ground.addresses('e0')], [[], []]);
    // It goes on trying, until somebody says that it need not.
    assert.equal(ground.supplicants().length, 1);
    await ground.down('e0');
    await until('no supplicant', () => ground.supplicants().length === 0);
    await until('no files', () => readdirSync(join(ground.run, 'wpa-supplicant')).length === 0);
  },

  'configures a stanza where nobody asks who is there, and is connected when somebody does': async () => {
    await using ground = new Ground();
    ground.cable();
    await ground.daemon({ interfaces: stanza('static', `${address}\twpa-timeout 2\n`) });
    assert.equal((await ground.up('e0')).state, 'configured');
    await until('a warning', () =>
      ground.output().includes('e0: no connection in 2 s: it is configured all the same'),
    );
    assert.deepEqual(ground.addresses('e0'), ['192.0.2.2/24']);
    await ground.authenticator(users);
    ground.cli('e0', 'reassociate');
    await ground.event('wifi.connected', 1, 40_000);
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    assert.deepEqual(ground.supplicants(), []);
  },

  'fails as a step where nobody asks, goes on looking, and configures the interface when somebody does':
    async () => {
      await using ground = new Ground();
      ground.cable();
      const options =
        'wpa-driver wired\nwpa-key-mgmt IEEE8021X\nwpa-eap MD5\nwpa-identity user\nwpa-password secret-word\n';
      const e0 = `[IFUP]\nstartat WPA\n[cfg WPA]\ntimeout 2\n${options}CONNECTED ENI\n`;
      await ground.daemon({ policies: { e0 }, interfaces: `iface e0 inet static\n${address}` });
      const result = await ground.up('e0');
      assert.deepEqual([result.state, result.outcome], ['failed', 'TIMEOUT']);
      assert.match(result.message!, /no connection in 2 s/);
      assert.deepEqual(ground.addresses('e0'), []);
      const [pid] = ground.supplicants();
      await ground.authenticator(users);
      ground.cli('e0', 'reassociate');
      await until('an address', () => ground.addresses('e0').join() === '192.0.2.2/24', 40_000);
      assert.deepEqual(ground.supplicants(), [pid]);
      assert.equal((await ground.down('e0')).state, 'deconfigured');
      assert.deepEqual(ground.supplicants(), []);
    },

  'does not wait where it is told not to, as with Debian’s scripts': async () => {
    await using ground = new Ground();
    ground.cable();
    await ground.daemon({ interfaces: stanza('static', `${address}\twpa-timeout 0\n`) });
    assert.equal((await ground.up('e0')).state, 'configured');
    assert.deepEqual(ground.heard('wifi.connected'), []);
    await ground.authenticator(users);
    await ground.event('wifi.connected', 1, 40_000);
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    assert.deepEqual(ground.supplicants(), []);
  },

  'asks the mapping script where there is no id_str, and takes default for what nothing declares':
    async () => {
      await using ground = new Ground();
      ground.cable();
      await ground.authenticator(users);
      const script = ground.folder.write('guess', '#!/bin/sh\nread -r first; echo "$1-$first"\n');
      chmodSync(script, 0o755);
      const conf = ground.folder.write(
        'wpa.conf',
        `ap_scan=0
network={
  key_mgmt=IEEE8021X
  eap=MD5
  identity="user"
  password="secret-word"
}
`,
      );
      const interfaces = `iface e0 inet manual
	wpa-driver wired
	wpa-roam ${conf}
	wpa-mapping-script ${script}
	wpa-map0 lab
iface default inet static
	address 192.0.2.9/24
`;
      await ground.daemon({ interfaces });
      assert.equal((await ground.up('e0')).state, 'configured');
      await until('the default', () => ground.addresses('e0').join() === '192.0.2.9/24', 30_000);
      await until('a warning', () =>
        ground.output().includes('nothing declares e0-lab: default is used instead'),
      );
      await ground.down('e0');
      await until('no supplicant', () => ground.supplicants().length === 0);
      assert.deepEqual(ground.addresses('e0'), []);
    },

  'works on a port of a bridge, which is what is configured': async () => {
    await using ground = new Ground();
    ground.cable();
    await ground.authenticator(users);
    const interfaces = `iface br0 inet static
	address 192.0.2.2/24
	pre-up ip link add br0 type bridge; ip link set e0 master br0; ip link set br0 up
	post-down ip link del br0
	wpa-iface e0
	wpa-bridge br0
	wpa-driver wired
	wpa-key-mgmt IEEE8021X
	wpa-eap MD5
	wpa-identity user
	wpa-password secret-word
`;
    await ground.daemon({ interfaces });
    const result = await ground.up('br0');
    assert.equal(result.state, 'configured', JSON.stringify(result) + ground.output());
    assert.deepEqual(ground.addresses('br0'), ['192.0.2.2/24']);
    const { interface: on } = ground.events.find(({ name }) => name === 'wifi.connected')!;
    assert.equal(on, 'e0');
    assert.equal((await ground.down('br0')).state, 'deconfigured');
    assert.deepEqual(ground.supplicants(), []);
  },

  'chooses the logical interface by id_str, and takes it down when the port is closed': async () => {
    await using ground = new Ground();
    ground.cable();
    const port = await ground.authenticator(users);
    const conf = ground.folder.write(
      'wpa.conf',
      `ctrl_interface=DIR=${ground.path('ctrl')}
ap_scan=0
network={
  key_mgmt=IEEE8021X
  eapol_flags=0
  eap=MD5
  identity="user"
  password="secret-word"
  id_str="office"
}
`,
    );
    chmodSync(conf, 0o600);
    const interfaces = `iface e0 inet manual
	wpa-driver wired
	wpa-roam ${conf}
iface office inet static
	address 192.0.2.7/24
iface default inet static
	address 192.0.2.9/24
`;
    await ground.daemon({ interfaces });
    assert.equal((await ground.up('e0')).state, 'configured');
    await until('the office', () => ground.addresses('e0').join() === '192.0.2.7/24', 30_000);
    const { id_str } = await ground.event('wifi.connected');
    assert.equal(id_str, 'office');
    const supplicants = ground.supplicants();
    assert.equal(supplicants.length, 1);
    port.kill('SIGKILL');
    ground.cli('e0', 'logoff');
    ground.cli('e0', 'disconnect');
    await until('no address', () => ground.addresses('e0').length === 0, 30_000);
    assert.deepEqual(ground.supplicants(), supplicants);
    // It is on record all the time.
    await until('its own stanza', () => ground.heard('interface.configured').at(-1)!.logical === 'e0');
    await ground.authenticator(users);
    ground.cli('e0', 'logon');
    ground.cli('e0', 'reconnect');
    await until('the office again', () => ground.addresses('e0').join() === '192.0.2.7/24', 60_000);
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    await until('no supplicant', () => ground.supplicants().length === 0);
    assert.deepEqual(ground.addresses('e0'), []);
    await until('a link that is down, as before', () => !ground.isUp('e0'));
  },
};
