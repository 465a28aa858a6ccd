import assert from 'node:assert/strict';
import { until } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { declare, machineFor } from '../links.ts';

describe('the plugin bridging', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ping', 'python3'] });
  });

  it('makes a bridge of its ports that carries traffic between them, and takes it away whole', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface br0 inet static
        address 192.0.2.1/24
        bridge_ports p1 p0
        bridge_fd 0
        bridge_pathcost p0 7
        bridge_portprio p0 9
        bridge_ageing 20.5
        bridge_bridgeprio 4096
        mtu 1400
      `,
      { links: ['p0', 'p1'] },
    );
    machine.at('p0', 'ip', 'address', 'add', '192.0.2.10/24', 'dev', 'far');
    machine.at('p1', 'ip', 'address', 'add', '192.0.2.11/24', 'dev', 'far');
    const before = machine.link('p0');
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p1']);
    const { priority, ageing_time, forward_delay } = machine.link('br0')?.linkinfo?.info_data ?? {};
    assert.deepEqual({ priority, ageing_time, forward_delay }, { priority: 4096, ageing_time: 2050, forward_delay: 0 });
    const port = machine.link('p0');
    assert.equal(port?.linkinfo?.info_slave_data?.cost, 7);
    assert.equal(port?.linkinfo?.info_slave_data?.priority, 9);
    assert.equal(port?.mtu, 1400);
    assert.equal(port?.inet6_addr_gen_mode, 'none');
    assert.ok(machine.pings('192.0.2.10'));
    machine.at('p0', 'ping', '-c', '1', '-W', '2', '192.0.2.11');
    assert.equal(await machine.transfer('p1', '192.0.2.11'), 300_000);
    assert.equal((await machine.down('br0')).state, 'deconfigured');
    assert.equal(machine.link('br0'), undefined);
    const after = machine.link('p0');
    assert.deepEqual([after?.mtu, after?.inet6_addr_gen_mode, after?.flags], [
      before?.mtu,
      before?.inet6_addr_gen_mode,
      before?.flags,
    ]);
  });
});
