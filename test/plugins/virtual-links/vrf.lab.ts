import assert from 'node:assert/strict';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { declare, machineFor } from '../links.ts';

describe('VRFs and dummies', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ping', 'socat'], modules: ['vrf', 'dummy'] });
  });

  it('keep the routes of members in a table of their own, over which traffic goes', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface red inet manual
  vrf-table 10
iface e0 inet static
  vrf red
  address 192.0.2.1/24
iface e1 inet static
  address 192.0.2.1/24
`,
      { links: ['e0', 'e1'] },
    );
    machine.at('e0', 'ip', 'address', 'add', '192.0.2.10/24', 'dev', 'far');
    const result = await machine.up('e0');
    assert.equal(result.state, 'configured', result.message);
    // The same network outside of it.
    assert.equal((await machine.up('e1')).state, 'configured');
    assert.deepEqual(machine.membersOf('red'), ['e0']);
    assert.match(machine.daemon.ip('route', 'show', 'table', '10'), /192\.0\.2\.0\/24 dev e0/);
    machine.exec('ping', '-I', 'red', '-c', '1', '-W', '5', '192.0.2.10');
    assert.ok(await machine.transfers('e0', '192.0.2.10', { within: 'red' }));
    assert.equal((await machine.down('red')).state, 'needed');
    await machine.down('e0');
    assert.equal(machine.link('red'), undefined);
    assert.equal(machine.link('e0')?.master, undefined);
  });

  it('are left, and made otherwise, when stanzas were changed', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      'iface x0 inet manual\n  vrf-table 10\niface e0 inet manual\n  vrf x0\niface e0 inet6 manual\n  vrf x0\n',
      { links: ['e0'] },
    );
    assert.equal((await machine.up('e0')).state, 'configured');
    assert.equal(machine.link('e0')?.master, 'x0');
    declare(folder, 'iface x0 inet manual\n  link-type dummy\niface e0 inet manual\niface e0 inet6 manual\n');
    assert.equal((await machine.up('e0', { force: true })).state, 'configured');
    assert.equal(machine.link('e0')?.master, undefined);
    assert.equal((await machine.up('x0', { force: true })).state, 'configured');
    assert.equal(machine.link('x0')?.linkinfo?.info_kind, 'dummy');
    await machine.down('x0');
    assert.equal(machine.link('x0'), undefined);
  });

  it('have addresses that answer without any wire', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      'iface d0 inet static\n  link-type dummy\n  address 198.51.100.1/32\n',
    );
    machine.daemon.ip('link', 'set', 'lo', 'up');
    assert.equal((await machine.up('d0')).state, 'configured');
    assert.ok(machine.pings('198.51.100.1'));
    const { ifindex } = machine.link('d0')!;
    await machine.up('d0', { force: true });
    assert.equal(machine.link('d0')?.ifindex, ifindex);
    await machine.down('d0');
    assert.equal(machine.link('d0'), undefined);
  });
});
