import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from '../../cli/ifupdown/programs.ts';
import { until } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { declare, type Machine, machineFor } from '../links.ts';

const bridge = `interfaces:
  br0:
    bridge-ports: [p0, p1]
    bridge_fd: 3
    bridge-maxwait: 0
    address: 192.0.2.1/24
`;
const forwardDelay = (machine: Machine) => machine.link('br0')?.linkinfo?.info_data?.forward_delay;

describe('options of interfaces in netconf.yaml', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ping', 'socat'] });
  });

  it('are a whole bridge of one line in interfaces(5), which scripts see, and explain with its places', async () => {
    using folder = new Folder();
    const scripts = join(folder.path, 'scripts/if-up.d');
    mkdirSync(scripts, { recursive: true });
    writeFileSync(
      join(scripts, 'tell'),
      `#!/bin/sh\necho "$IF_BRIDGE_FD" "$IF_BRIDGE_PORTS" >${folder.path}/told\n`,
    );
    chmodSync(join(scripts, 'tell'), 0o755);
    const text = 'iface br0 inet static\niface p1 inet manual\n  mtu 1400\n';
    await using machine = await machineFor(folder, text, { links: ['p0', 'p1'], more: bridge });
    const { daemon } = machine;
    machine.at('p0', 'ip', 'address', 'add', '192.0.2.10/24', 'dev', 'far');
    const explained = daemon.netconf('explain', 'ifup', 'br0');
    const { configuration } = daemon;
    assert.ok(explained.includes(`bridge-ports p0 (${configuration}:5:20)`), explained);
    assert.ok(explained.includes(`bridge-ports p1 (${configuration}:5:24)`), explained);
    assert.ok(explained.includes(`bridge_fd 3 (${configuration}:6:5)`), explained);
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p1']);
    assert.equal(forwardDelay(machine), 300);
    // The port that has a stanza was brought up first.
    assert.equal(machine.link('p1')?.mtu, 1400);
    // The values of a list are lines, as those of an option that comes several times in a stanza.
    assert.equal(readFileSync(join(folder.path, 'told'), 'utf8'), '3 p0\np1\n');
    await until('an answer', () => machine.pings('192.0.2.10'), 10_000);
    assert.ok(await machine.transfers('p0', '192.0.2.10'));

    // Known after a restart, too.
    daemon.netconf('plugin', 'unload', 'bridging');
    machine.remove('p0');
    daemon.netconf('plugin', 'load', 'bridging');
    machine.add('p0');
    await until('it has joined again', () => machine.link('p0')?.master === 'br0');
    await machine.down('br0');
    assert.equal(machine.link('br0'), undefined);
  });

  it('lie beneath what the stanza, a step of the policy and a request say, and above defaults of a plugin', async () => {
    using folder = new Folder();
    const defaults = '  bridging: {defaults: {bridge_fd: "9", bridge_hello: "5"}}\n';
    const text = 'iface br0 inet manual\n';
    await using machine = await machineFor(folder, text, {
      links: ['p0', 'p1'],
      more: `${defaults}${bridge}`,
    });
    const { daemon } = machine;
    const up = async (options = {}) => {
      const result = await machine.up('br0', { force: true, ...options });
      assert.equal(result.state, 'configured', result.message);
      return forwardDelay(machine);
    };
    assert.equal(await up(), 300);
    assert.equal(machine.link('br0')?.linkinfo?.info_data?.hello_time, 500);
    declare(folder, `${text}  bridge-fd 4\n  bridge-ports p1\n`);
    assert.equal(await up(), 400);
    assert.deepEqual(machine.membersOf('br0'), ['p1']);
    assert.equal(await up({ set: [{ name: 'bridge-fd', value: '6' }] }), 600);

    // A step that no source has anything for.
    const policy = join(daemon.policies, 'br0');
    writeFileSync(policy, '[IFUP]\nstartat Manual\n', { mode: 0o644 });
    assert.equal(await up(), 300);
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p1']);
    assert.match(daemon.netconf('explain', 'ifup', 'br0'), /bridge_fd 3 \(/);
    writeFileSync(policy, '[IFUP]\nstartat Manual\n[cfg Manual]\nbridge_fd 7\n', { mode: 0o644 });
    assert.equal(await up(), 700);
  });

  it('tell what must be made first: a port that is a macvlan by them', async () => {
    using folder = new Folder();
    const text = 'iface br0 inet manual\niface mv0 inet manual\niface e0 inet manual\n';
    const more = 'interfaces:\n  br0: {bridge_ports: mv0, bridge_fd: 0}\n  mv0: {macvlan-raw-device: e0}\n';
    await using machine = await machineFor(folder, text, { links: ['e0'], more });
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual([machine.membersOf('br0'), machine.link('mv0')?.link], [['mv0'], 'e0']);
    await machine.down('br0');
    assert.deepEqual([machine.link('br0'), machine.link('mv0')], [undefined, undefined]);
  });

  it('count from a reload on', async () => {
    using folder = new Folder();
    const text = 'iface br0 inet manual\n';
    await using machine = await machineFor(folder, text, { links: ['p0', 'p1'], more: bridge });
    const { daemon } = machine;
    await machine.up('br0');
    const before = readFileSync(daemon.configuration, 'utf8');
    writeFileSync(
      daemon.configuration,
      before.replace('[p0, p1]', 'p1').replace('bridge_fd: 3', 'bridge_fd: 5'),
    );
    daemon.netconf('reload');
    assert.equal((await machine.up('br0', { force: true })).state, 'configured');
    assert.deepEqual([forwardDelay(machine), machine.membersOf('br0')], [500, ['p1']]);
  });

  it('are refused with the line of netconf.yaml and what was expected, and leave nothing', async () => {
    using folder = new Folder();
    const more = bridge.replace('bridge_fd: 3', 'bridge_fd: soon');
    await using machine = await machineFor(folder, 'iface br0 inet manual\n', { links: ['p0'], more });
    const result = await machine.up('br0');
    assert.equal(result.state, 'failed');
    const sentence = `${machine.daemon.configuration}:6:5: bridge-fd 'soon': expected `;
    assert.ok(result.message?.includes(sentence), result.message);
    assert.equal(machine.link('br0'), undefined);
  });

  it('are nothing that ifquery and a dry run show, which tell what the file says', async () => {
    using folder = new Folder();
    const text = 'iface br0 inet manual\n  bridge-fd 1\n';
    await using machine = await machineFor(folder, text, { more: bridge });
    const file = join(folder.path, 'interfaces');
    const run = (name: 'ifquery' | 'ifup', ...words: string[]) =>
      machine.exec(process.execPath, programOf(name), '--interfaces', file, ...words);
    assert.equal(run('ifquery', 'br0'), 'bridge-fd: 1\n');
    const dry = run('ifup', '--no-act', '--verbose', 'br0');
    writeFileSync(machine.daemon.configuration, '');
    machine.daemon.netconf('reload');
    assert.equal(run('ifup', '--no-act', '--verbose', 'br0'), dry);
  });
});
