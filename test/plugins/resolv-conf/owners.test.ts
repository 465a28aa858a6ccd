import assert from 'node:assert/strict';
import { unpacked } from '../../debian-package.ts';
import { allOver, begin, type Scenarios, tell } from '../../parallel.ts';
import { needs, skip } from '../../setup.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';

const interfaces = `iface e0 inet manual
	dns-nameservers 10.0.0.53
	dns-search office.example
iface e1 inet manual
	dns-nameservers 10.1.0.53
`;

/** Of the unpacked package resolvconf. */
let root = '';
const resolvconf = (more: object = {}) => {
  const mounts = `
    mkdir -p /run/resolvconf/interface; touch /run/resolvconf/enable-updates; ln -s /run/resolvconf /etc/resolvconf/run
    ln -s ../run/resolvconf/resolv.conf /etc/resolv.conf; resolvconf -u
  `;
  return new Ground({ interfaces, mounts, packages: [root], scripts: '/etc/network', ...more }).begin();
};

/** What waits for the deadline of what hangs, while all others run. */
const patient: Scenarios = {
  'that fails, hangs or is gone leaves the interface up, is said once, and is told when it works again':
    async () => {
      await using ground = await resolvconf();
      await ground.start();
      const real = ground.inside('cat /usr/sbin/resolvconf');
      const become = (text: string) => {
        ground.write('resolvconf', text, 0o755);
        ground.inside(`cp ${ground.folder}/resolvconf /usr/sbin/resolvconf`);
      };
      become('#!/bin/sh\necho it is broken >&2\nexit 3\n');
      assert.equal((await ground.up('e0')).state, 'configured');
      await ground.says(/name service is as it was: .*resolvconf -a e0\.netconf: .*3.*it is broken/);
      ground.inside('rm /usr/sbin/resolvconf');
      assert.equal((await ground.up('e1')).state, 'configured');
      await ground.says(/but resolvconf is not installed: nothing is written/);
      // Whoever asks next is done with: nothing waits for what hangs.
      become('#!/bin/sh\nsleep 1000 & sleep 1000\n');
      assert.equal((await ground.down('e1')).state, 'deconfigured');
      await ground.says(/resolvconf -a e0\.netconf: .*(deadline|took longer)/);
      become(real);
      await until('it is told', () => ground.lines().includes('nameserver 10.0.0.53'), 30_000);
      await ground.says(/name service is in force again/);
      assert.equal(ground.count(/it is broken/), 1);
    },
};

describe('resolv.conf of another program', function () {
  this.timeout(120_000);

  before(async function () {
    needs(this, { root: true, programs: ['ip', 'nsenter', 'unshare'] });
    root = unpacked(this, 'resolvconf');
    await begin([patient], 0);
  });
  after(allOver);

  describe('of resolvconf', () => {
    it('is handed a record of each interface, and has it taken back, also by a daemon that is started again', async () => {
      await using ground = await resolvconf();
      await ground.start();
      for (const name of ['e0', 'e1']) await ground.up(name);
      assert.equal(ground.inside('ls /run/resolvconf/interface'), 'e0.netconf\ne1.netconf\n');
      assert.deepEqual(ground.lines(), [
        'nameserver 10.0.0.53',
        'nameserver 10.1.0.53',
        'search office.example',
      ]);
      assert.equal(ground.inside('readlink /etc/resolv.conf'), '../run/resolvconf/resolv.conf\n');
      await until('dns.changed', () => ground.state()?.servers.length === 2);
      assert.equal(ground.state()?.by, 'resolvconf');
      await ground.kill('SIGKILL');
      await ground.start();
      for (const name of ['e0', 'e1']) await ground.down(name);
      assert.equal(ground.inside('ls /run/resolvconf/interface'), '');
      assert.deepEqual(ground.lines(), []);
    });

    it('has it from the plugin or from Debian’s script, and explain says which', async () => {
      await using ground = await resolvconf();
      await ground.start();
      assert.match(
        ground.explain('ifup', 'e0'),
        /^Left out: if-up\.d\/000resolvconf: resolv-conf does its work$/m,
      );
      await ground.up('e0');
      assert.match(
        ground.explain('ifdown', 'e0'),
        /^Left out: if-down\.d\/resolvconf: resolv-conf does its work$/m,
      );

      await using without = await resolvconf({ options: false });
      await without.start();
      await without.up('e0');
      assert.equal(without.inside('ls /run/resolvconf/interface'), 'e0.inet\n');
      assert.doesNotMatch(without.explain('ifup', 'e0'), /Left out/);
      await without.down('e0');
      assert.equal(without.inside('ls /run/resolvconf/interface'), '');
    });

    it('is told by an ifup without a daemon', async () => {
      await using ground = await resolvconf();
      ground.inside(ground.command('ifup', 'e0', 'e1'));
      assert.deepEqual(ground.lines(), [
        'nameserver 10.0.0.53',
        'nameserver 10.1.0.53',
        'search office.example',
      ]);
      ground.inside(ground.command('ifdown', 'e0', 'e1'));
      assert.deepEqual(ground.lines(), []);
    });

    tell(patient);
  });

  describe('of openresolv', () => {
    it('is handed records with the metrics of the interfaces, and has them taken back', async function () {
      const packages = [unpacked(this, 'openresolv')];
      const mounts = 'echo nameserver 192.0.2.1 | resolvconf -a base; head -n 1 /etc/resolv.conf';
      await using ground = await new Ground({ interfaces, packages, mounts }).begin();
      ground.inside('ip addr add 10.0.0.2/24 dev e0; ip addr add 10.1.0.2/24 dev e1');
      ground.inside(
        'ip route add default via 10.0.0.1 metric 200; ip route add default via 10.1.0.1 metric 100',
      );
      await ground.start();
      for (const name of ['e0', 'e1']) await ground.up(name);
      await until('dns.changed', () => ground.state()?.servers.length === 2);
      assert.equal(ground.state()?.by, 'openresolv');
      assert.match(ground.text()!, /^# Generated by resolvconf\n/);
      const servers = ground.lines().filter(line => line.startsWith('nameserver 10.'));
      assert.deepEqual(servers, ['nameserver 10.1.0.53', 'nameserver 10.0.0.53']);
      for (const name of ['e0', 'e1']) await ground.down(name);
      assert.deepEqual(ground.lines(), ['nameserver 192.0.2.1']);
    });

    it('that is not there any more has left a file like any other', async () => {
      const before = '# Generated by resolvconf\nnameserver 192.0.2.1\n';
      await using ground = await new Ground({ interfaces, before }).begin();
      await ground.start();
      await ground.up('e0');
      assert.deepEqual(ground.lines(), ['nameserver 10.0.0.53', 'search office.example']);
      await ground.down('e0');
      assert.equal(ground.text(), before);
    });
  });

  describe('of systemd-resolved', () => {
    /** The bus and the daemon, as their users. */
    const mounts = `
      for name in systemd-resolve messagebus; do
        id=$((\${id:-970} + 1))
        grep -q "^$name:" /etc/passwd || echo "$name:x:$id:$id::/:/bin/false" >>/etc/passwd
        grep -q "^$name:" /etc/group || echo "$name:x:$id:" >>/etc/group
      done
      mkdir -p /run/dbus /run/systemd/resolve; chown systemd-resolve: /run/systemd/resolve
      ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
    `;
    const make = async (context: Mocha.Context, more: object = {}) => {
      needs(context, { programs: ['dbus-daemon'] });
      const packages = [unpacked(context, 'systemd-resolved')];
      const ground = await new Ground({ interfaces, packages, mounts, ...more }).begin();
      if (ground.tryInside('resolvectl --version').status !== 0) {
        ground.remove();
        skip(context, 'needs the libraries of systemd');
      }
      ground.background('dbus-daemon', '--system', '--nofork', '--nopidfile');
      await until('the bus', () => ground.tryInside('test -S /run/dbus/system_bus_socket').status === 0);
      ground.background('/usr/lib/systemd/systemd-resolved');
      await until('systemd-resolved', () => ground.tryInside('resolvectl status').status === 0);
      return ground.start();
    };
    const status = (ground: Ground, link: string) =>
      ground
        .inside(`resolvectl dns ${link}; resolvectl domain ${link}; resolvectl default-route ${link}`)
        .split('\n')
        .map(line => line.replace(/^Link \d+ \(\w+\): ?/, ''))
        .slice(0, 3);

    it('is told servers, domains and default route of each link, and has them taken back', async function () {
      await using ground = await make(this);
      await ground.up('e0');
      ground.inside('ip addr add 10.1.0.2/24 dev e1; ip route add default via 10.1.0.1');
      await ground.tunnel('up', {
        name: 'office',
        dev: 'p0',
        dns: ['10.8.0.1', 'fe80::1'],
        search: ['corp.example'],
      });
      await ground.up('e1');
      assert.deepEqual(status(ground, 'e0'), ['10.0.0.53', 'office.example', 'yes']);
      assert.deepEqual(status(ground, 'e1'), ['10.1.0.53', '', 'yes']);
      await until('the VPN', () => status(ground, 'p0')[2] === 'no');
      assert.deepEqual(status(ground, 'p0'), ['10.8.0.1 fe80::1', 'corp.example', 'no']);
      await until('dns.changed', () => ground.state()?.servers.length === 4);
      assert.equal(ground.state()?.by, 'systemd-resolved');
      await ground.kill('SIGKILL');
      await ground.start();
      await ground.tunnel('down', { name: 'office' });
      for (const name of ['e0', 'e1']) await ground.down(name);
      for (const name of ['e0', 'e1', 'p0'])
        assert.deepEqual(status(ground, name).slice(0, 2), ['', ''], name);
    });

    it('forgets a link that has gone, without an error', async function () {
      await using ground = await make(this);
      await ground.up('e0');
      ground.inside('ip link del e0');
      await until('dns.changed', () => ground.state()?.servers.length === 0);
      assert.equal(ground.count(/name service is as it was/), 0);
    });
  });
});
