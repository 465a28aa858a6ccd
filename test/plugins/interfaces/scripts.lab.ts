import assert from 'node:assert/strict';
import { unpacked } from '../../debian-package.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { machineFor } from '../links.ts';

const interfaces = `iface bond0 inet manual
  bond-slaves e0
  bond-mode active-backup
  bond-miimon 100
iface vlan7 inet static
  vlan-raw-device e1
  address 198.51.100.1/24
`;

describe('scripts of ifenslave and vlan', function () {
  this.timeout(60_000);

  it('make bonds and VLANs where no plugin does it', async function () {
    needs(this, { root: true, programs: ['ip'], modules: ['bonding', '8021q'] });
    for (const [from, name, kind] of [
      ['ifenslave', 'bond0', 'bond'],
      ['vlan', 'vlan7', 'vlan'],
    ] as const) {
      using folder = new Folder();
      const scripts = `${unpacked(this, from)}/etc/network`;
      const more = '  bonding: false\n  vlan: false\n';
      await using machine = await machineFor(folder, interfaces, { links: ['e0', 'e1'], more, scripts });
      const result = await machine.up(name);
      assert.equal(result.state, 'configured', result.message);
      assert.equal(machine.link(name)?.linkinfo?.info_kind, kind);
      assert.doesNotMatch(machine.daemon.netconf('explain', 'ifup', name), /Left out/);
      await machine.down(name);
      assert.equal(machine.link(name), undefined);
    }
  });
});
