import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf, run } from '../../cli/ifupdown/programs.ts';
import { startDaemon, type TestDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';

const stanza = (name: string, last: number) => `iface ${name} inet static\n\taddress 192.0.2.${last}/24\n`;

async function daemonWith(folder: Folder, interfaces: string): Promise<TestDaemon> {
  const file = folder.write('interfaces', interfaces);
  return startDaemon({
    configuration: `plugins: {interfaces: {file: ${file}, scripts: ${folder.path}/none}}\n`,
  });
}

const add = (daemon: TestDaemon, name: string) =>
  daemon.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-far`);

const links = (daemon: TestDaemon) =>
  (JSON.parse(daemon.ip('-j', 'link', 'show')) as { ifname: string }[])
    .map(({ ifname }) => ifname)
    .filter(name => name !== 'lo' && !name.endsWith('-far'))
    .sort();

const addresses = (daemon: TestDaemon, link: string) =>
  /inet (\S+)/.exec(daemon.ip('-o', '-4', 'address', 'show', 'dev', link))?.[1];

const up = async (daemon: TestDaemon, on: string, more = {}) =>
  (await daemon.client.call('Up', { interface: on, ...more })).results![0]!;

describe('rename of interfaces(5)', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'unshare'] });
  });

  it('gives a link that comes its name, under which it is configured', async () => {
    using folder = new Folder();
    const text = `rename e0=lan\nallow-hotplug lan\n${stanza('lan', 1)}`;
    await using daemon = await daemonWith(folder, text);
    add(daemon, 'e0');
    await daemon.event('interface.configured', { interface: 'lan' });
    assert.deepEqual([links(daemon), addresses(daemon, 'lan')], [['lan'], '192.0.2.1/24']);
    // Only what it is about: no link is told of under a name that it does not keep.
    const about = daemon.events.filter(
      ({ interface: on, name }) => on === 'e0' && name.startsWith('interface.'),
    );
    assert.deepEqual(about, []);
  });

  it('finds links by patterns, renames all with one ifup, and knows the interface by both names', async () => {
    using folder = new Folder();
    const mac = '02:00:00:00:00:07';
    await using daemon = await daemonWith(folder, '');
    for (const name of ['e0', 'e1', 'e2']) add(daemon, name);
    daemon.ip('link', 'set', 'e0', 'address', mac);
    await daemon.event('link.added', { interface: 'e2' });
    const text = `rename mac/${mac}=lan e1=wan\n${stanza('lan', 1)}${stanza('wan', 2)}`;
    writeFileSync(join(folder.path, 'interfaces'), text);
    assert.match(daemon.netconf('explain', 'ifup', 'e0'), /e0 becomes lan first/);
    assert.deepEqual(links(daemon), ['e0', 'e1', 'e2']);
    const result = await up(daemon, 'e0');
    assert.deepEqual([result.state, result.interface, result.logical], ['configured', 'lan', 'lan']);
    assert.deepEqual(links(daemon), ['e2', 'lan', 'wan']);
    assert.equal(addresses(daemon, 'lan'), '192.0.2.1/24');
    assert.equal((await up(daemon, 'wan')).state, 'configured');
    const down = await daemon.client.call('Down', { interface: 'e1' });
    assert.deepEqual(
      down.results!.map(({ interface: on, state }) => [on, state]),
      [['wan', 'deconfigured']],
    );
    // The name stays.
    assert.deepEqual(links(daemon), ['e2', 'lan', 'wan']);
  });

  it('ends an ifup that cannot rename, with the reason, and changes nothing', async () => {
    using folder = new Folder();
    await using daemon = await daemonWith(folder, '');
    for (const name of ['e0', 'e1']) add(daemon, name);
    const file = (text: string) => writeFileSync(join(folder.path, 'interfaces'), text);
    file(`rename e0=e1\n${stanza('e0', 1)}${stanza('e1', 1)}`);
    const taken = await up(daemon, 'e0');
    assert.equal(taken.state, 'failed');
    assert.match(taken.message!, /^unable to rename e0 to e1: e0: the name e1 is taken$/);
    file(`rename e0\n${stanza('e1', 1)}`);
    assert.match((await up(daemon, 'e1')).message!, /missing target name for interface e0/);
    assert.deepEqual([links(daemon), addresses(daemon, 'e1')], [['e0', 'e1'], undefined]);
    const { status, stderr } = run(daemon, 'ifup', 'e1');
    assert.equal(status, 1);
    assert.match(stderr, /missing target name for interface e0/);
  });

  it('that cannot be is told by ifup -a, which goes on with all else', async () => {
    using folder = new Folder();
    await using daemon = await daemonWith(folder, '');
    for (const name of ['e0', 'e1', 'e2']) add(daemon, name);
    writeFileSync(join(folder.path, 'interfaces'), `rename e0=e1\nauto e2\n${stanza('e2', 1)}`);
    const { status, stderr } = run(daemon, 'ifup', '-a');
    assert.equal(status, 1);
    assert.match(stderr, /unable to rename e0 to e1: e0: the name e1 is taken/);
    assert.equal(addresses(daemon, 'e2'), '192.0.2.1/24');
  });

  it('is refused, and tells nothing of a file, to who may not', async () => {
    using folder = new Folder();
    await using daemon = await daemonWith(folder, `rename e0=lan\n${stanza('lan', 1)}`);
    add(daemon, 'e0');
    await daemon.event('link.renamed', { interface: 'lan' });
    daemon.ip('link', 'add', 'e0', 'type', 'veth', 'peer', 'name', 'x-far');
    await until('the name to be taken', () => daemon.output().includes('the name lan is taken'));
    const secret = folder.write('secret', 'rename my-password\n');
    chmodSync(secret, 0o600);
    chmodSync(daemon.folder, 0o755);
    const asked = [{ interface: 'e0' }, { interface: 'e0', file: secret }, { all: 'auto', file: secret }];
    const text = `import { connect } from ${JSON.stringify(new URL('../../../core/control/client.ts', import.meta.url).pathname)};
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      const client = await connect({ socket: ${JSON.stringify(daemon.socket)} });
      for (const one of ${JSON.stringify(asked)})
        console.log(await client.call('Up', one).then(JSON.stringify, error => error.code + error.message));
      client.close();`;
    const line = ['--import', 'tsx/esm', '--input-type=module', '-e', text];
    const { stdout, stderr } = spawnSync(process.execPath, line, { encoding: 'utf8' });
    assert.equal(stdout.match(/^Denied/gm)?.length, 3, stdout + stderr);
    assert.doesNotMatch(stdout + daemon.output(), /my-password/);
  });

  it('leaves the name of what is configured until it is taken down', async () => {
    using folder = new Folder();
    await using daemon = await daemonWith(folder, stanza('e0', 1));
    add(daemon, 'e0');
    assert.equal((await up(daemon, 'e0')).state, 'configured');
    writeFileSync(join(folder.path, 'interfaces'), `rename e0=lan\n${stanza('lan', 2)}`);
    assert.equal((await up(daemon, 'e0')).state, 'already');
    assert.deepEqual(links(daemon), ['e0']);
    await daemon.client.call('Down', { interface: 'e0' });
    assert.equal((await up(daemon, 'e0')).interface, 'lan');
    assert.equal(addresses(daemon, 'lan'), '192.0.2.2/24');
  });

  it('does not go on for ever where two rules exchange names', async () => {
    using folder = new Folder();
    await using daemon = await daemonWith(folder, 'rename e0=e9\nrename e9=e0\n');
    add(daemon, 'e0');
    await until(
      'two new names',
      () => daemon.events.filter(({ name }) => name === 'link.renamed').length === 2,
    );
    add(daemon, 'other');
    await daemon.event('interface.found', { interface: 'other' });
    assert.equal(daemon.events.filter(({ name }) => name === 'link.renamed').length, 2);
  });

  it('is done by ifup without a daemon, and of a class, too', () => {
    using folder = new Folder();
    const text = `rename e0=lan\nallow-hotplug lan\nauto wan\n${stanza('lan', 1)}${stanza('wan', 2)}rename e1=wan\n`;
    const file = folder.write('interfaces', text);
    const config = folder.write('netconf.yaml', `plugins: {interfaces: {file: ${file}}}\n`);
    const ifup = `${process.execPath} ${programOf('ifup')} --standalone --config ${config} --socket ${folder.path}/run/control`;
    const script = `ip link add e0 type veth peer name e0-far; ip link add e1 type veth peer name e1-far
      ${ifup} -i ${file} --allow=hotplug e0; echo $?; ip -br -4 addr show lan; ip -br link show | grep -o "^wan"
      ${ifup} -a; echo $?; ip -br -4 addr show wan`;
    const own = ['--net', '--mount', 'sh', '-c', `mount -t sysfs sysfs /sys; ${script}`];
    const { stdout, stderr } = spawnSync('unshare', own, { encoding: 'utf8' });
    const lines = stdout
      .trim()
      .split('\n')
      .map(line => line.replace(/\s+/g, ' ').trim());
    assert.deepEqual(
      lines.map(line => line.replace(/ (UP|DOWN|LOWERLAYERDOWN|UNKNOWN) /, ' ')),
      ['0', 'lan@e0-far 192.0.2.1/24', 'wan', '0', 'wan@e1-far 192.0.2.2/24'],
      stderr,
    );
  });
});
