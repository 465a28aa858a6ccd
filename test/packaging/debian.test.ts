import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Folder } from '../folder.ts';
import { root as top } from '../imports.ts';
import { needs, skip } from '../setup.ts';
import { Root } from './root.ts';

const build = join(top, 'packaging/debian/build.sh');

/** The path of the package. */
function packageIn(directory: string): string {
  const words = [build, '--output', directory];
  return execFileSync('sh', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

describe('the Debian package', function () {
  this.timeout(200_000);
  const folder = new Folder();
  let file = '';

  before(function () {
    needs(this, { programs: ['dpkg-deb', 'gzip', 'xz'] });
    file = packageIn(folder.path);
  });

  after(() => folder[Symbol.dispose]());

  it('is the same, byte by byte, when it is built again', () => {
    const first = createHash('sha256').update(readFileSync(file)).digest('hex');
    const again = packageIn(folder.path);
    assert.equal(createHash('sha256').update(readFileSync(again)).digest('hex'), first);
  });

  it('belongs to root, and nobody else can write to any of it', () => {
    const listing = execFileSync('dpkg-deb', ['--contents', file], { encoding: 'utf8' }).trim().split('\n');
    const others = listing.filter(line => !/^([-d].{4}-..-.|l\S*) root\/root /.test(line));
    assert.deepEqual(others, []);
  });

  describe('in a Debian of its own', () => {
    let root: Root;

    before(function () {
      needs(this, { root: true, programs: ['mmdebstrap', 'unshare', 'chroot'] });
      const made = Root.make(150);
      if (typeof made === 'string') return skip(this, made);
      root = made;
      root.copy(file, 'netconf.deb');
      // In place of systemd: what it is asked for is written down.
      root.run(`mkdir -p /run/systemd/system
        for name in systemctl deb-systemd-invoke; do
          printf '#!/bin/sh\\necho "$0 $*" >> /asked\\n' > /usr/local/bin/$name
          chmod 755 /usr/local/bin/$name
        done
        mkdir -p /etc/apparmor.d/local
        printf '/mine r,' >/etc/apparmor.d/local/sbin.dhclient
        printf 'auto lo\\niface lo inet loopback\\nallow-hotplug eth0\\niface eth0 inet dhcp\\n' > /etc/network/interfaces`);
    });

    after(() => root?.[Symbol.dispose]());

    it('has its ifup, ifdown and ifquery stand in for those of ifupdown', () => {
      root.run('dpkg --install /netconf.deb');
      for (const name of ['ifup', 'ifdown', 'ifquery']) {
        assert.equal(root.run(`readlink -f /usr/sbin/${name}`), `/usr/lib/netconf/${name}.cjs\n`);
        assert.match(root.run(`dpkg-divert --list /usr/sbin/${name}`), /to \S+\.ifupdown by netconf/);
      }
      assert.equal(root.run('ifquery --list --allow=hotplug'), 'eth0\n');
      // Without a daemon, in its own process.
      assert.match(root.run('ifup lo && ip link show lo'), /<LOOPBACK,UP/);
    });

    it('lets dhclient report its leases under AppArmor, for as long as it is there', () => {
      const local = root.run('cat /etc/apparmor.d/local/sbin.dhclient');
      assert.equal(local, '/mine r,\ninclude if exists <abstractions/netconf-dhclient>\n');
      assert.match(root.run('cat /etc/apparmor.d/abstractions/netconf-dhclient'), /dhcp-report Uxr,/);
    });

    it('has every file as it was packaged', () => {
      assert.equal(root.run('dpkg --verify netconf'), '');
    });

    it('runs there: the daemon starts with Debian’s Node, sees the kernel and answers', () => {
      const links = root.run(`netconfd --observe > /daemon.log 2>&1 & daemon=$!
        for try in $(seq 100); do ! netconf status --json 2>/dev/null || break; sleep 0.1; done
        kill $daemon; wait $daemon`);
      assert.match(links, /"ifname": ?"lo"/);
      assert.equal(root.run('netconf check >/dev/null; echo $?'), '0\n');
    });

    it('stands in for the units of ifupdown too', () => {
      assert.match(root.run('cat /usr/lib/systemd/system/networking.service'), /netconfd\.service.*\n/);
      assert.ok(root.has('usr/lib/systemd/system/networking.service.ifupdown'));
      assert.ok(root.has('etc/systemd/system/multi-user.target.wants/netconfd.service'));
      assert.ok(root.has('etc/systemd/system/network-online.target.wants/netconf-wait-online.service'));
      assert.ok(root.has('etc/systemd/system/sysinit.target.wants/netconf-firewall.service'));
    });

    it('keeps standing in when ifupdown is installed anew', () => {
      root.run('dpkg --install /var/cache/apt/archives/ifupdown_*.deb');
      assert.equal(root.run('readlink -f /usr/sbin/ifup'), '/usr/lib/netconf/ifup.cjs\n');
    });

    it('restarts the daemon on an upgrade, and asks for nothing that would touch the network', () => {
      root.run('rm -f /asked; dpkg --install /netconf.deb');
      const asked = root.run('cat /asked');
      assert.match(asked, /deb-systemd-invoke try-restart netconfd\.service/);
      assert.doesNotMatch(asked, /networking|ifup|\bstop\b/);
      assert.equal(root.run('dpkg-divert --list | grep -c "/usr/sbin/ifup .*by netconf"'), '1\n');
    });

    it('gives back what it stood in for when it is removed, and leaves the network to it', () => {
      root.run(`
        cp -a /etc/resolv.conf /before 2>/dev/null || echo '# of the administrator' >/before
        cp -a /before /etc/resolv.conf.netconf-saved; rm -f /etc/resolv.conf
        echo '# netconf wrote this file (resolv-conf 0123456789abcdef).' >/etc/resolv.conf
        rm -f /asked; dpkg --remove netconf
        cmp /before /etc/resolv.conf; test ! -e /etc/resolv.conf.netconf-saved
      `);
      assert.doesNotMatch(root.run('cat /asked'), /networking|ifup/);
      assert.equal(root.run('dpkg-divert --list | grep netconf || true'), '');
      assert.equal(root.run('dpkg --verify ifupdown'), '');
      assert.equal(root.run('cat /etc/apparmor.d/local/sbin.dhclient'), '/mine r,\n');
      assert.equal(root.run('ifquery --list --allow=hotplug'), 'eth0\n');
      assert.match(root.run('ifup --version'), /^ifup version 0\.8/);
      assert.ok(root.has('usr/share/man/man8/ifup.8.gz'));
      assert.match(
        root.run('cat /usr/lib/systemd/system/networking.service'),
        /ExecStart=\/usr\/sbin\/ifup -a/,
      );
    });

    it('leaves nothing behind when it is purged', () => {
      root.run('dpkg --purge netconf');
      const left = root.run(
        `find / -xdev -path /proc -prune -o '(' -name netconf -o -name 'netconf[d-]*' -o -name '*.ifupdown*' ')' -print`,
      );
      assert.equal(left, '');
    });
  });
});
