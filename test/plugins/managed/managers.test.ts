import assert from 'node:assert/strict';
import { managerOf } from '../../../plugins/managed/managers.ts';
import { Folder } from '../../folder.ts';

/** Of link 7, with this file of NetworkManager's or networkd's. */
function managerWith(file: string, text: string): string | undefined {
  using folder = new Folder({ [file]: text });
  return managerOf(folder.path, 'eth0', 7)?.name;
}

describe('who manages a link', () => {
  it('is NetworkManager where its state of the device says so, and only there', () => {
    const devices = 'NetworkManager/devices';
    assert.equal(managerWith(`${devices}/7`, '[device]\nmanaged=true\nroute-metric=100\n'), 'NetworkManager');
    assert.equal(managerWith(`${devices}/7`, '[device]\nmanaged=false\n'), undefined);
    assert.equal(managerWith(`${devices}/7`, '[device]\nnm-owned=0\n'), undefined);
    assert.equal(managerWith(`${devices}/8`, '[device]\nmanaged=true\n'), undefined);
  });

  it('is systemd-networkd where it has configured the link, is about to, or failed to', () => {
    const state = (admin: string, more = '') =>
      managerWith('systemd/netif/links/7', `# private\nADMIN_STATE=${admin}\nOPER_STATE=routable\n${more}`);
    for (const admin of ['configuring', 'configured', 'failed'])
      assert.equal(state(admin), 'systemd-networkd');
    for (const admin of ['unmanaged', 'linger', 'pending', '']) assert.equal(state(admin), undefined);
    assert.equal(state('pending', 'NETWORK_FILE=/etc/systemd/network/lan.network\n'), 'systemd-networkd');
    assert.equal(state('unmanaged', 'NETWORK_FILE=/etc/systemd/network/lan.network\n'), undefined);
  });

  it('is nobody where nothing is known, or what is there is no such file', () => {
    using folder = new Folder();
    assert.equal(managerOf(folder.path, 'eth0', 7), undefined);
    assert.equal(managerWith('NetworkManager/devices/7/x', ''), undefined);
    assert.equal(managerWith('NetworkManager/devices/7', '\0\xff'.repeat(100_000)), undefined);
  });

  it('is told with the way to take the link from it', () => {
    using folder = new Folder({ 'NetworkManager/devices/7': '[device]\nmanaged=true\n' });
    assert.equal(managerOf(folder.path, 'eth0', 7)?.release, 'nmcli device set eth0 managed no');
  });
});
