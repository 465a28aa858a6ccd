import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from '../../cli/ifupdown/programs.ts';
import { merge, unpacked } from '../../debian-package.ts';
import { Folder } from '../../folder.ts';
import { needs, skip } from '../../setup.ts';
import { scriptsAlone } from './debian-scripts.ts';

/** Packages whose scripts lie in /etc/network/if-*.d, with the libraries that their programs need. */
const packages = ['bridge-utils', 'ethtool', 'ifenslave', 'openvpn', 'resolvconf', 'vlan', 'wpasupplicant'];
const libraries = ['libmnl0', 'libnl-3-200', 'libnl-genl-3-200', 'libnl-route-3-200', 'libpcsclite1'];

const interfaces = `iface br0 inet static
	bridge_ports p0
	bridge_stp off
	bridge_fd 0
	bridge_maxwait 0
	address 192.0.2.1/24
	dns-nameservers 192.0.2.53 192.0.2.54
	dns-search example.org
	ip-proxy-arp 1
	openvpn office home

iface p2 inet static
	address 198.51.100.1/24
	offload-tx off
	wpa-driver wired
	wpa-key-mgmt IEEE8021X
	wpa-eap MD5
	wpa-identity somebody
	wpa-password secret
	wpa-ap-scan 0

iface p3 inet6 manual
	dns-nameservers 2001:db8::53
`;

/** In the place of its own, which would start a service. */
const initScript = '#!/bin/sh\necho "$@" >>/run/openvpn.log\n';

const netns = `nck${process.pid}`;

describe('scripts that Debian packages install', function () {
  this.timeout(120_000);
  let folder: Folder;

  before(function () {
    needs(this, { root: true, programs: ['ip', 'unshare'] });
    if (!existsSync(programOf('ifup'))) skip(this, 'needs the built programs: npm run build');
    const roots = [...packages, ...libraries].map(name => unpacked(this, name));
    folder = new Folder({ 'etc/network/interfaces': interfaces, 'netconf.yaml': scriptsAlone() });
    for (const root of roots) merge(root, folder.path);
    for (const name of ['etc/init.d/openvpn']) chmodSync(folder.write(name, initScript), 0o755);
    for (const name of ['etc', 'usr']) {
      for (const part of ['upper', 'work']) mkdirSync(join(folder.path, `${part}-${name}`));
    }
    execFileSync('ip', ['netns', 'add', netns]);
  });

  after(() => {
    spawnSync('ip', ['netns', 'del', netns]);
    folder?.[Symbol.dispose]();
  });

  it('run unchanged, and what they do is seen in the kernel and on disk', () => {
    const config = join(folder.path, 'netconf.yaml');
    const program = (name: 'ifup' | 'ifdown') =>
      `${process.execPath} ${programOf(name)} --standalone --config ${config}`;
    const said = inside(`
      ip link add p0 type veth peer p1; ip link add p2 type veth peer p3
      for link in lo p1 p3; do ip link set $link up; done
      ${program('ifup')} br0 p2 p3
      echo "up $?"
      ip -o link show p0 | grep -o 'master br0'
      ip -o addr show br0 | grep -o 'inet 192[^ ]*'
      cat /sys/class/net/br0/bridge/stp_state /proc/sys/net/ipv4/conf/br0/proxy_arp
      cat /run/resolvconf/interface/br0.inet /run/resolvconf/interface/p3.inet6
      cat /run/openvpn.log
      ethtool -k p2 | grep '^tx-checksumming'
      kill -0 $(cat /run/wpa_supplicant.p2.pid) && echo wpa_supplicant runs
      echo "$(wpa_cli -p /run/wpa_supplicant -i p2 get_network 0 identity)"
      ${program('ifdown')} p3 p2 br0
      echo "down $?"
      test -e /sys/class/net/br0 || echo no br0
      ls /run/resolvconf/interface
      test -e /run/wpa_supplicant.p2.pid || echo no wpa_supplicant
      tail -n 2 /run/openvpn.log
    `);
    assert.deepEqual(
      said.stdout.trimEnd().split('\n'),
      [
        'up 0',
        'master br0',
        'inet 192.0.2.1/24',
        '0',
        '1',
        'search example.org',
        'nameserver 192.0.2.53',
        'nameserver 192.0.2.54',
        'nameserver 2001:db8::53',
        'start office',
        'start home',
        'tx-checksumming: off',
        'wpa_supplicant runs',
        '"somebody"',
        'down 0',
        'no br0',
        'no wpa_supplicant',
        'stop office',
        'stop home',
      ],
      said.stderr,
    );
  });

  /** In a namespace of links, with the packages' files over /usr and /etc, and a /run of its own. */
  function inside(script: string) {
    const overlay = (name: string) =>
      `mount -t overlay overlay -o lowerdir=${folder.path}/${name}:/${name},upperdir=${folder.path}/upper-${name},workdir=${folder.path}/work-${name} /${name}`;
    const setup = `
      ${overlay('usr')} && ${overlay('etc')} && mount -t tmpfs tmpfs /run || exit 99
      mkdir -p /run/resolvconf/interface; touch /run/resolvconf/enable-updates; ln -s /run/resolvconf /etc/resolvconf/run
    `;
    const line = ['netns', 'exec', netns, 'unshare', '-m', 'sh', '-c', setup + script];
    return spawnSync('ip', line, {
      encoding: 'utf8',
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      timeout: 100_000,
    });
  }
});
