import assert from 'node:assert/strict';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';

const own = '# of the administrator\nnameserver 192.0.2.1\n';
const interfaces = `iface e0 inet manual
	dns-nameservers 10.0.0.53 10.0.0.54
	dns-search office.example
	dns-options ndots:2
iface e1 inet manual
	dns-nameserver 10.1.0.53 is the first
	dns-domain lab.example
`;

describe('resolv.conf as a file of its own', function () {
  this.timeout(60_000);

  before(function () {
    needs(this, { root: true, programs: ['ip', 'nsenter', 'unshare'] });
  });

  it('has what interfaces say for as long as they are up, and then what was there before', async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    await ground.start();
    assert.equal(ground.text(), own);
    assert.equal((await ground.up('e0')).state, 'configured');
    assert.deepEqual(ground.lines(), [
      'nameserver 10.0.0.53',
      'nameserver 10.0.0.54',
      'search office.example',
      'options ndots:2',
    ]);
    assert.match(ground.text()!, /^# e0, interfaces inet\nnameserver 10\.0\.0\.53$/m);
    assert.equal(ground.text('/etc/resolv.conf.netconf-saved'), own);
    await ground.up('e1');
    assert.deepEqual(ground.lines(), [
      'nameserver 10.0.0.53',
      'nameserver 10.0.0.54',
      'nameserver 10.1.0.53',
      'search office.example lab.example',
      'options ndots:2',
    ]);
    await ground.down('e0');
    assert.deepEqual(ground.lines(), ['nameserver 10.1.0.53', 'search lab.example']);
    await ground.down('e1');
    assert.equal(ground.text(), own);
    assert.equal(ground.text('/etc/resolv.conf.netconf-saved'), undefined);
    await until('dns.changed', () => ground.state()?.by === 'nobody');
    const states = ground.events.filter(({ name }) => name === 'dns.changed').map(({ data }) => data);
    assert.equal(states.length, 4);
    assert.deepEqual(states[0], {
      servers: ['10.0.0.53', '10.0.0.54'],
      search: ['office.example'],
      options: ['ndots:2'],
      by: 'file',
      from: [
        {
          interface: 'e0',
          source: 'interfaces inet',
          servers: ['10.0.0.53', '10.0.0.54'],
          search: ['office.example'],
        },
      ],
    });
    assert.deepEqual(ground.state(), { servers: [], search: [], options: [], by: 'nobody', from: [] });
  });

  it('is gone again where there was none', async () => {
    await using ground = await new Ground({ interfaces }).begin();
    await ground.start();
    await ground.up('e0');
    assert.equal(ground.lines().length, 4);
    await ground.down('e0');
    assert.equal(ground.text(), undefined);
  });

  it('stays when the daemon ends, is known again after kill -9, and is taken back by the next one', async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    await ground.start();
    await ground.up('e0');
    const written = ground.text();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await ground.kill(signal);
      assert.equal(ground.text(), written);
      await ground.start();
      assert.equal(ground.text(), written);
    }
    const changes = ground.events.filter(({ name }) => name === 'dns.changed');
    assert.equal(changes.length, 1, 'nothing has changed');
    await ground.down('e0');
    assert.equal(ground.text(), own);
  });

  it('is given back when the daemon ends, where that is configured', async () => {
    await using ground = await new Ground({ interfaces, before: own, options: { stop: 'restore' } }).begin();
    await ground.start();
    await ground.up('e0');
    await ground.kill();
    assert.equal(ground.text(), own);
    await ground.start();
    await ground.reads(
      'nameserver 10.0.0.53',
      'nameserver 10.0.0.54',
      'search office.example',
      'options ndots:2',
    );
  });

  it('is given back when the plugin is unloaded, and taken again when it is loaded', async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    await ground.start();
    await ground.up('e0');
    await ground.client.call('UnloadPlugin', { name: 'resolv-conf' });
    assert.equal(ground.text(), own);
    await ground.client.call('LoadPlugin', { name: 'resolv-conf' });
    await ground.reads(
      'nameserver 10.0.0.53',
      'nameserver 10.0.0.54',
      'search office.example',
      'options ndots:2',
    );
  });

  it('follows a changed configuration', async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    await ground.start();
    for (const name of ['e0', 'e1']) await ground.up(name);
    ground.configure({ order: ['e1'], ignore: ['e0'] });
    await ground.client.call('Reload', {});
    await ground.reads('nameserver 10.1.0.53', 'search lab.example');
    for (const name of ['e0', 'e1']) await ground.down(name);
    assert.equal(ground.text(), own);
  });

  it('has what several processes without a daemon know, whichever is the last', async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    const [one, other] = [ground.command('ifup', 'e0'), ground.command('ifup', 'e1')];
    ground.inside(`${one} & first=$!; ${other}; wait $first`);
    const servers = ground.lines().filter(line => line.startsWith('nameserver'));
    assert.deepEqual(servers.toSorted(), [
      'nameserver 10.0.0.53',
      'nameserver 10.0.0.54',
      'nameserver 10.1.0.53',
    ]);
    ground.inside(ground.command('ifdown', 'e0', 'e1'));
    assert.equal(ground.text(), own);
  });

  it('is not looked at, and nothing is kept, where no source says anything, and by a daemon that observes', async () => {
    const silent = 'iface e0 inet manual\n';
    await using rests = await new Ground({ interfaces: silent, before: own }).begin();
    await rests.start();
    for (const _ of [1, 2]) {
      await rests.up('e0');
      await rests.down('e0');
    }
    assert.equal(rests.inside(`ls ${rests.run}`).includes('dns'), false);
    assert.equal(rests.count(/resolv-conf/), 0);

    await using observes = await new Ground({ interfaces, before: own }).begin();
    await observes.start('--observe');
    await observes.tunnel('up', { name: 'office', dev: 'e0', dns: ['10.8.0.1'] });
    observes.lease('e0', { domain_name_servers: '10.0.0.53' });
    await until('dhcp.bound', () => observes.events.some(({ name }) => name === 'dhcp.bound'));
    assert.equal(observes.text(), own);
    assert.equal(observes.inside(`ls ${observes.run}`).includes('dns'), false);
  });

  it('of an earlier start of the machine is given back before anything is configured', async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    await ground.start();
    await ground.up('e0');
    await ground.kill('SIGKILL');
    // Runtime files do not survive a start of the machine.
    ground.inside(`rm -rf ${ground.run}/*`);
    await ground.start();
    await until('the file of before', () => ground.text() === own);
  });

  it('that somebody changes by hand is left alone, until it is removed', async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    await ground.start();
    await ground.up('e0');
    ground.inside('echo nameserver 192.0.2.99 >>/etc/resolv.conf');
    const edited = ground.text();
    await ground.up('e1');
    assert.equal(ground.text(), edited);
    await until('dns.changed', () => ground.state()?.by === 'nobody');
    await ground.says(/\/etc\/resolv\.conf has been changed by hand: it is left alone/);
    await ground.kill('SIGKILL');
    await ground.start();
    assert.equal(ground.text(), edited);
    ground.inside('rm /etc/resolv.conf');
    await ground.down('e1');
    await ground.reads(
      'nameserver 10.0.0.53',
      'nameserver 10.0.0.54',
      'search office.example',
      'options ndots:2',
    );
    await ground.down('e0');
    assert.equal(ground.text(), own);
  });

  it('in whose place somebody puts another is theirs, also when everything is taken down', async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    await ground.start();
    await ground.up('e0');
    ground.inside('echo nameserver 192.0.2.99 >/etc/other; mv /etc/other /etc/resolv.conf');
    await ground.up('e1');
    await ground.kill('SIGKILL');
    await ground.start();
    for (const name of ['e0', 'e1']) await ground.down(name);
    assert.equal(ground.text(), 'nameserver 192.0.2.99\n');
    assert.equal(ground.text('/etc/resolv.conf.netconf-saved'), own);
    assert.equal(ground.count(/replaced by somebody else/), 2, 'once by each daemon');
  });

  it('that is a mount of its own is written and given back in place', async () => {
    const mounts = 'cp /etc/resolv.conf /mine; mount --bind /mine /etc/resolv.conf'.replaceAll(
      '/mine',
      '/run/mine',
    );
    await using ground = await new Ground({ interfaces, before: own, mounts }).begin();
    await ground.start();
    await ground.up('e0');
    assert.equal(ground.lines('/run/mine').length, 4);
    assert.equal(ground.text('/etc/resolv.conf.netconf-saved'), own);
    await ground.up('e1');
    assert.equal(ground.lines('/run/mine').length, 5);
    for (const name of ['e0', 'e1']) await ground.down(name);
    assert.equal(ground.text('/run/mine'), own);
    assert.equal(ground.text('/etc/resolv.conf.netconf-saved'), undefined);
  });

  it('as a link to somebody unknown is theirs, unless the configuration names the file as its own', async () => {
    const mounts = 'echo nameserver 192.0.2.7 >/etc/theirs; ln -s theirs /etc/resolv.conf';
    await using theirs = await new Ground({ interfaces, mounts }).begin();
    await theirs.start();
    await theirs.up('e0');
    assert.equal(theirs.text(), 'nameserver 192.0.2.7\n');
    await theirs.says(/is a link to \/etc\/theirs, whose owner netconf does not know: nothing is written/);

    await using ours = await new Ground({ interfaces, mounts, options: { writer: 'file' } }).begin();
    await ours.start();
    await ours.up('e0');
    assert.equal(ours.lines().length, 4);
    assert.equal(ours.text('/etc/theirs'), 'nameserver 192.0.2.7\n');
    await ours.down('e0');
    assert.equal(ours.inside('readlink /etc/resolv.conf'), 'theirs\n');
  });

  it('of the machine is not touched from another network namespace, unless it is named or mounted there', async () => {
    await using rests = await new Ground({ interfaces, before: own, options: { file: null } }).begin();
    await rests.start();
    assert.equal(rests.count(/resolv-conf: /), 0, 'nobody has said anything of name service');
    await rests.up('e0');
    await rests.down('e0');
    await rests.up('e0');
    assert.equal(rests.text(), own);
    assert.equal(rests.count(/resolv-conf: name service is left alone: .* is the machine's/), 1);
    assert.match(
      rests.explain('dhcp.bound', '--interface', 'e0'),
      /name service is left alone: .* is the machine's/,
    );
    assert.equal(rests.inside(`ls ${rests.run}`).includes('dns'), false);

    // As ip netns exec does it; the directory around the mount is the machine's.
    const theirs = '/etc/netns/$(ip netns identify)/resolv.conf';
    const mounts = `f=${theirs}; mkdir -p $(dirname $f); cp /etc/resolv.conf $f; mount --bind $f /etc/resolv.conf`;
    await using acts = await new Ground({ interfaces, before: own, mounts, options: { file: null } }).begin();
    await acts.start();
    await acts.up('e0');
    assert.equal(acts.lines(`/etc/netns/${acts.name}/resolv.conf`).length, 4);
    assert.equal(acts.text(`/etc/netns/${acts.name}/resolv.conf.netconf-saved`), own);
    assert.equal(acts.inside('ls /etc | grep ^resolv.conf'), 'resolv.conf\n');
    await acts.down('e0');
    assert.equal(acts.text(`/etc/netns/${acts.name}/resolv.conf`), own);
  });
});
