import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { programOf } from '../../cli/ifupdown/programs.ts';
import { unpacked } from '../../debian-package.ts';
import { Folder } from '../../folder.ts';
import { scriptsAlone } from './debian-scripts.ts';

const interfaces = `iface e0 inet manual
	description uplink
iface e0.10 inet static
	address 192.0.2.1/24
iface e0.10 inet static
	address 192.0.2.2/24
iface bond0 inet manual
	bond-slaves e1
	bond-mode active-backup
	bond-miimon 100
iface vlan7 inet static
	vlan-raw-device e2
	address 198.51.100.1/24
`;

describe('VLANs and bonds', () => {
  it('are made by their names and by the scripts of ifenslave and vlan, and go again', function () {
    const roots = [unpacked(this, 'ifenslave'), unpacked(this, 'vlan')];
    using folder = new Folder({ interfaces });
    const config = folder.write('netconf.yaml', scriptsAlone({ file: `${folder.path}/interfaces` }));
    // ifupdown makes e0.10 itself, without a script: that is the plugin's work, too.
    const named = folder.write(
      'named.yaml',
      `plugins: ${JSON.stringify({ interfaces: { file: `${folder.path}/interfaces` } })}\n`,
    );
    const program = (name: 'ifup' | 'ifdown', by = config) =>
      `${process.execPath} ${programOf(name)} --standalone --config ${by}`;
    const script = `mkdir -p /etc/network
      ${roots.map(root => `cp -a ${root}/etc/network/. /etc/network/`).join('\n')}
      for i in 0 1 2; do ip link add e$i type veth peer name p$i; ip link set p$i up; done
      ${program('ifup')} bond0 vlan7 && ${program('ifup', named)} e0.10
      echo "up $?"
      ip -d -o link show e0.10 | grep -o 'vlan protocol 802.1Q id 10'
      ip -o addr show e0.10 | grep -o 'inet [^ ]*'
      cat /sys/class/net/e0/ifalias /sys/class/net/bond0/bonding/mode /sys/class/net/bond0/bonding/slaves
      ip -o addr show vlan7 | grep -o 'inet [^ ]*'
      ${program('ifdown')} vlan7 bond0 && ${program('ifdown', named)} e0.10
      echo "down $?"
      for link in e0.10 bond0 vlan7; do test -e /sys/class/net/$link || echo "no $link"; done`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    assert.deepEqual(
      stdout.trimEnd().split('\n'),
      [
        'up 0',
        'vlan protocol 802.1Q id 10',
        'inet 192.0.2.1/24',
        'inet 192.0.2.2/24',
        'uplink',
        'active-backup 1',
        'e1',
        'inet 198.51.100.1/24',
        'down 0',
        'no e0.10',
        'no bond0',
        'no vlan7',
      ],
      stderr,
    );
  });
});
