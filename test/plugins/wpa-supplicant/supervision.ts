import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from '../../cli/ifupdown/programs.ts';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';

const stanza = (more = '') => `iface e0 inet static
	address 192.0.2.2/24
	wpa-driver wired
	wpa-key-mgmt IEEE8021X
	wpa-eap MD5
	wpa-identity user
	wpa-password secret
${more}`;

/** A host with a cable to a switch that wants 802.1X. */
async function cabled(): Promise<Ground> {
  const ground = new Ground();
  ground.cable();
  await ground.authenticator();
  return ground;
}

/** The same, and `e0` is configured by this. */
async function connected(interfaces = stanza()): Promise<Ground> {
  const ground = await cabled();
  await ground.daemon({ interfaces });
  assert.equal((await ground.up('e0')).state, 'configured', ground.output());
  return ground;
}

/** A supplicant that somebody else starts on the host's side. */
function foreign(ground: Ground) {
  const child = ground.start('near', 'wpa_supplicant', '-Dwired', '-ie0', `-C${ground.path('ctrl')}`);
  return until('the supplicant', () => ground.cli('e0', 'ping') === 'PONG').then(() => child);
}

/** Those who end, start and stop supplicants. */
export const supervision: Scenarios = {
  'are found again by a netconfd that is started after one that was killed': async () => {
    await using ground = await connected();
    const before = ground.supplicants();
    await new Promise(resolve => setTimeout(resolve, 300));
    await ground.kill('SIGKILL');
    assert.deepEqual(ground.supplicants(), before);
    await ground.daemon({ interfaces: stanza() });
    // It is heard: what was connected is no news, what changes is.
    ground.cli('e0', 'disconnect');
    await ground.event('wifi.disconnected');
    assert.equal(ground.heard('wifi.connected').length, 1);
    assert.deepEqual(ground.supplicants(), before);
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    assert.deepEqual([ground.supplicants(), ground.addresses('e0')], [[], []]);
  },

  'go on while the plugin is unloaded, and are the same when it is loaded again': async () => {
    await using ground = await connected();
    const before = ground.supplicants();
    await ground.client.call('UnloadPlugin', { name: 'wpa-supplicant' });
    assert.deepEqual(readdirSync(join(ground.run, 'wpa-supplicant')).sort(), ['e0.json', 'e0.log']);
    await ground.client.call('LoadPlugin', { name: 'wpa-supplicant' });
    assert.equal((await ground.up('e0', { force: true })).state, 'configured');
    assert.deepEqual(ground.supplicants(), before);
    assert.equal(ground.heard('wifi.connected').length, 1);
    await ground.down('e0');
    assert.deepEqual(ground.supplicants(), []);
  },

  'are started and ended without a netconfd, too': async () => {
    await using ground = await cabled();
    await ground.daemon({ interfaces: stanza() });
    await ground.kill();
    const program = (name: 'ifup' | 'ifdown') => {
      const words = [
        '--standalone',
        '-i',
        ground.path('interfaces'),
        '--config',
        ground.path('netconf.yaml'),
        'e0',
      ];
      const socket = `NETCONF_SOCKET=${join(ground.run, 'control')}`;
      return ground.exec('near', 'env', socket, process.execPath, programOf(name), ...words);
    };
    const said = program('ifup');
    assert.equal(said.status, 0, said.stdout + said.stderr);
    assert.deepEqual([ground.addresses('e0'), ground.supplicants().length], [['192.0.2.2/24'], 1]);
    assert.equal(program('ifdown').status, 0);
    assert.deepEqual([ground.addresses('e0'), ground.supplicants()], [[], []]);
  },

  'are started again when they are killed, and connect again': async () => {
    await using ground = await connected();
    const [first] = ground.supplicants();
    process.kill(first!, 'SIGKILL');
    const lost = await ground.event('wifi.disconnected');
    assert.equal(lost.reason, 0);
    await ground.event('wifi.connected', 2, 40_000);
    const [second] = ground.supplicants();
    assert.ok(second !== undefined && second !== first);
    assert.deepEqual(ground.addresses('e0'), ['192.0.2.2/24']);
    await ground.down('e0');
    assert.deepEqual(ground.supplicants(), []);
  },

  'are replaced when they hang': async () => {
    await using ground = await connected(stanza('\twpa-timeout 60\n'));
    const [first] = ground.supplicants();
    process.kill(first!, 'SIGSTOP');
    // A netconfd that is started meanwhile asks it, and gets no answer.
    await new Promise(resolve => setTimeout(resolve, 300));
    await ground.kill('SIGKILL');
    await ground.daemon({ interfaces: stanza('\twpa-timeout 60\n') });
    await ground.event('wifi.connected', 2, 60_000);
    const [second] = ground.supplicants();
    assert.ok(second !== undefined && second !== first);
    assert.match(ground.output(), /e0: the supplicant at \S+ does not answer; it is started anew/);
    await ground.down('e0');
    assert.deepEqual(ground.supplicants(), []);
  },

  'of others are used as they are, and left as they were': async () => {
    await using ground = await cabled();
    const theirs = await foreign(ground);
    ground.cli('e0', 'add_network');
    ground.cli('e0', 'set_network', '0', 'key_mgmt', 'IEEE8021X');
    ground.cli('e0', 'set_network', '0', 'id_str', '"theirs"');
    ground.cli('e0', 'enable_network', '0');
    await ground.daemon({ interfaces: stanza() });
    const result = await ground.up('e0');
    assert.equal(result.state, 'configured', JSON.stringify(result) + ground.output());
    assert.deepEqual(ground.supplicants(), []);
    assert.match(ground.cli('e0', 'list_networks'), /^1\t.*\[CURRENT\]/m);
    assert.match(ground.cli('e0', 'list_networks'), /^0\t.*\[DISABLED\]/m);
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    assert.equal(theirs.exitCode, null);
    const networks = ground.cli('e0', 'list_networks');
    assert.doesNotMatch(networks, /^1\t/m);
    assert.doesNotMatch(networks, /^0\t.*\[DISABLED\]/m);
  },

  'of others are followed when they are started again': async () => {
    await using ground = await cabled();
    const theirs = await foreign(ground);
    await ground.daemon({ interfaces: stanza() });
    assert.equal((await ground.up('e0')).state, 'configured', ground.output());
    theirs.kill('SIGTERM');
    await ground.event('wifi.disconnected');
    await until('its end', () => theirs.exitCode !== null);
    const next = await foreign(ground);
    await ground.event('wifi.connected', 2, 60_000);
    assert.deepEqual(ground.supplicants(), []);
    // The password came over the socket: nothing else has it.
    assert.doesNotMatch(readFileSync(`/proc/${next.pid}/cmdline`, 'utf8'), /secret/);
    await ground.down('e0');
    assert.equal(next.exitCode, null);
  },

  'of others that do not come back are replaced': async () => {
    await using ground = await cabled();
    const theirs = await foreign(ground);
    await ground.daemon({ interfaces: stanza() });
    assert.equal((await ground.up('e0')).state, 'configured', ground.output());
    theirs.kill('SIGTERM');
    await until('one of ours', () => ground.supplicants().length === 1, 60_000);
    await ground.event('wifi.connected', 2, 60_000);
    await ground.down('e0');
    assert.deepEqual(ground.supplicants(), []);
  },

  'that take interfaces get one, and lose it again': async () => {
    await using ground = await cabled();
    const global = ground.path('global');
    const theirs = ground.start('near', 'wpa_supplicant', `-g${global}`);
    await until('the global one', () => {
      const { stdout } = ground.exec('near', 'wpa_cli', '-g', global, 'ping');
      return stdout.includes('PONG');
    });
    await ground.daemon({ interfaces: stanza(), options: { global } });
    const result = await ground.up('e0');
    assert.equal(result.state, 'configured', JSON.stringify(result) + ground.output());
    assert.deepEqual(ground.supplicants(), []);
    assert.match(ground.exec('near', 'wpa_cli', '-g', global, 'interface').stdout, /^e0$/m);
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    assert.doesNotMatch(ground.exec('near', 'wpa_cli', '-g', global, 'interface').stdout, /^e0$/m);
    assert.equal(theirs.exitCode, null);
  },

  'end with the link that they work on, and with the name that it has': async () => {
    await using ground = await connected();
    ground.exec('near', 'ip', 'link', 'set', 'e0', 'down');
    ground.exec('near', 'ip', 'link', 'set', 'e0', 'name', 'e1');
    await until('no supplicant', () => ground.supplicants().length === 0);
    ground.exec('near', 'ip', 'link', 'set', 'e1', 'name', 'e0');
    assert.equal((await ground.up('e0', { force: true })).state, 'configured', ground.output());
    assert.equal(ground.supplicants().length, 1);
    ground.exec('near', 'ip', 'link', 'del', 'e0');
    await until('no supplicant', () => ground.supplicants().length === 0);
  },

  'end in the middle of a wait when the link goes, or who waits for them': async () => {
    await using ground = new Ground();
    ground.cable();
    await ground.daemon({ interfaces: stanza('\twpa-timeout 60\n') });
    const gone = ground.up('e0');
    await until('a supplicant', () => ground.supplicants().length === 1);
    await until('its socket', () => ground.cli('e0', 'ping') === 'PONG');
    ground.exec('near', 'ip', 'link', 'del', 'e0');
    assert.equal((await gone).state, 'failed');
    await until('no supplicant', () => ground.supplicants().length === 0);

    ground.cable();
    const interrupted = ground.up('e0').catch((error: Error) => error);
    await until('a supplicant', () => ground.supplicants().length === 1);
    await until('its socket', () => ground.cli('e0', 'ping') === 'PONG');
    ground.client.close();
    await interrupted;
    await until('no supplicant', () => ground.supplicants().length === 0);
  },
};
