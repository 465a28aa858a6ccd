import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programs, until } from '../../daemon.ts';
import { needs, skip } from '../../setup.ts';
import { World } from './world.ts';

const text = (address: string, to: string) => `
network "left" { interface "l0" { addressv4 ${address} } netmaskv4 255.255.255.0; }
network "right" { interface "r0" { addressv4 none } interface "r1" { addressv4 none } }
network "other" { interface "o0" { addressv4 none } }
bridge "br0" { from "left"; to "${to}"; }
route default { gatewayv4 192.0.2.1 }
`;

describe('a bridge between named networks', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
    if (!existsSync(join(dirname(programs.netconfd), 'plugins/bridging.cjs')))
      skip(this, 'needs the plugin bridging, or the script of bridge-utils');
  });

  const ports = (world: World) =>
    (JSON.parse(world.ip('-j', 'link', 'show', 'master', 'br0')) as { ifname?: string }[])
      .flatMap(({ ifname }) => ifname ?? [])
      .toSorted();

  it('has the interfaces of both as ports, their addresses and routes, and is changed with the least', async () => {
    await using world = await World.start(text('192.0.2.2', 'right'), ['l0', 'r0', 'r1', 'o0']);
    await world.daemon.event('interface.configured', { interface: 'br0' });
    await until('the ports', () => ports(world).length === 3);
    assert.deepEqual(ports(world), ['l0', 'r0', 'r1']);
    assert.deepEqual([world.addresses('br0'), world.addresses('l0')], [['192.0.2.2/24'], []]);
    assert.deepEqual(world.routes(), ['default via 192.0.2.1 dev br0']);
    const [{ ifindex }] = JSON.parse(world.ip('-j', 'link', 'show', 'br0')) as [{ ifindex: number }];
    world.write(text('192.0.2.3', 'other'));
    const answer = await world.apply();
    assert.equal(answer.state, 'applied', JSON.stringify(answer));
    assert.deepEqual(ports(world), ['l0', 'o0']);
    assert.deepEqual(world.addresses('br0'), ['192.0.2.3/24']);
    const [after] = JSON.parse(world.ip('-j', 'link', 'show', 'br0')) as [{ ifindex: number }];
    assert.equal(after.ifindex, ifindex);
    world.write('network "left" { interface "l0" { address 192.0.2.2/24 } }\n');
    const last = await world.apply();
    assert.equal(last.state, 'applied', JSON.stringify(last));
    assert.throws(() => world.ip('link', 'show', 'br0'));
    assert.deepEqual(world.addresses('l0'), ['192.0.2.2/24']);
  });
});
