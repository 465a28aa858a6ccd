import assert from 'node:assert/strict';
import { readinessOf } from '../../cli/readiness.ts';
import type { AddressedLink, InterfaceStatus } from '../../core/control/api.ts';

type AddressInfo = AddressedLink['addr_info'][number];

function status(name: string, more: Partial<InterfaceStatus> = {}): InterfaceStatus {
  const nothing = { since: 0, explicit: true, prerequisites: [], neededBy: [] };
  const stanzas = [{ family: 'inet', method: 'static', step: 'Static' }];
  return {
    interface: name,
    logical: name,
    classes: ['auto'],
    state: 'configured',
    stanzas,
    ...nothing,
    ...more,
  };
}

function link(
  name: string,
  addresses: Partial<AddressInfo>[] = [{}],
  flags = ['UP', 'LOWER_UP'],
): AddressedLink {
  const address = { family: 'inet', local: '192.0.2.1', prefixlen: 24, scope: 'global' };
  const life = { valid_life_time: 60, preferred_life_time: 60 };
  const addr_info = addresses.map(more => ({ ...address, ...life, ...more }));
  return { ifindex: 2, ifname: name, flags, mtu: 1500, operstate: 'UP', link_type: 'ether', addr_info };
}

function missing(interfaces: InterfaceStatus[], addresses: AddressedLink[], named?: string[]) {
  return Object.fromEntries(
    readinessOf({ interfaces, addresses }, named).map(one => [one.interface, one.missing]),
  );
}

describe('readiness', () => {
  it('is asked of every interface that is auto, but for the loopback, and of no other', () => {
    const interfaces = [
      status('lo', { stanzas: [] }),
      status('eth0'),
      status('eth1', { state: 'down', stanzas: [] }),
      status('usb0', { state: 'down', classes: ['hotplug'] }),
      status('tun0', { classes: [] }),
    ];
    const addresses = [link('lo', [], ['LOOPBACK', 'UP']), link('eth0'), link('eth1'), link('wlan0', [])];
    assert.deepEqual(missing(interfaces, addresses), { eth0: undefined, eth1: 'not configured' });
    assert.deepEqual(missing([], addresses), {});
  });

  it('names the state of an interface that is not configured, and why it failed', () => {
    assert.deepEqual(missing([status('eth0', { state: 'down' })], []), { eth0: 'no such link' });
    const states: [Partial<InterfaceStatus>, string][] = [
      [{ state: 'configuring', step: 'DHCP' }, 'being configured (DHCP)'],
      [{ state: 'down', phase: 'preUp' }, 'being configured'],
      [{ state: 'failed', message: 'no lease' }, 'failed: no lease'],
    ];
    for (const [more, said] of states)
      assert.deepEqual(missing([status('eth0', more)], [link('eth0')]), { eth0: said });
  });

  it('needs a carrier, and a ready address of each family that its stanzas give addresses of', () => {
    const both = status('eth0', {
      stanzas: ['inet', 'inet6'].map(family => ({ family, method: 'static', step: 'Static' })),
    });
    const v6 = { family: 'inet6', local: 'fd00::1' };
    const cases: [AddressedLink, string | undefined][] = [
      [link('eth0', [], []), 'the link is down'],
      [link('eth0', [{}], ['UP']), 'no carrier'],
      [link('eth0', [v6]), 'no IPv4 address'],
      [link('eth0', [{}]), 'no IPv6 address'],
      [link('eth0', [{}, { ...v6, tentative: true }]), 'an IPv6 address is checked for duplicates'],
      [link('eth0', [{}, { ...v6, dadfailed: true }]), 'no IPv6 address'],
      [link('eth0', [{}, v6]), undefined],
    ];
    for (const [on, said] of cases) assert.deepEqual(missing([both], [on]), { eth0: said });
  });

  it('needs neither of an interface whose method gives no address', () => {
    const manual = status('eth0', { stanzas: [{ family: 'inet', method: 'manual', step: 'Manual' }] });
    assert.deepEqual(missing([manual], [link('eth0', [], ['UP'])]), { eth0: undefined });
  });

  it('of an alias is that of its link', () => {
    assert.deepEqual(missing([status('eth0:1')], [link('eth0')]), { 'eth0:1': undefined });
  });

  it('of one that others configure is a carrier and an address that reaches further than its link', () => {
    assert.deepEqual(missing([], [link('wlan0')], ['wlan0', 'wlan0']), { wlan0: undefined });
    assert.deepEqual(missing([], [link('wlan0', [{ scope: 'link' }])], ['wlan0']), { wlan0: 'no address' });
    assert.deepEqual(missing([], [], ['wlan0']), { wlan0: 'no such link' });
  });
});
