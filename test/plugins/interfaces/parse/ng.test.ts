import assert from 'node:assert/strict';
import { parseInterfaces } from '../../../../plugins/interfaces/parse/parse.ts';
import { memoryFiles } from '../memory-files.ts';

/** Family, method and options of each stanza but that of the loopback interface. */
function stanzas(content: string) {
  const { interfaces, complete } = parseInterfaces('/i', {
    files: memoryFiles({ '/i': content }),
    dialect: 'ng',
  });
  assert.equal(complete, true);
  return interfaces.stanzas
    .filter(({ name }) => name !== 'lo')
    .map(({ name, family, method, options }) => [
      `${name} ${family} ${method}`,
      ...[...options].map(option => `${option.name} ${option.value.replaceAll('\n', ', ')}`),
    ]);
}

describe('the dialect of ifupdown-ng and ifupdown2', () => {
  it('finds family and method out from the addresses', () => {
    assert.deepEqual(stanzas('iface eth0\n address 192.0.2.1/24\n gateway 192.0.2.254\n mtu 1400\n'), [
      ['eth0 inet static', 'address 192.0.2.1/24', 'gateway 192.0.2.254', 'mtu 1400'],
    ]);
    assert.deepEqual(stanzas('iface eth0\n address 2001:db8::1\n'), [
      ['eth0 inet6 static', 'address 2001:db8::1/64'],
    ]);
  });

  it('makes a stanza for each family that one names', () => {
    const file =
      'iface eth0\n address 192.0.2.1\n address 192.0.2.2/32\n address 2001:db8::1/48\n gateway fe80::1\n up true\n';
    assert.deepEqual(stanzas(file), [
      ['eth0 inet static', 'address 192.0.2.1/24, 192.0.2.2/32', 'up true'],
      ['eth0 inet6 static', 'address 2001:db8::1/48', 'gateway fe80::1'],
    ]);
  });

  it('knows executors that are methods', () => {
    assert.deepEqual(
      stanzas(
        'iface a\n use dhcp\niface b\n use bridge\niface c\n use ipv6-ra\niface d inet\n use dhcp\n',
      ).map(([head]) => head),
      ['a inet dhcp', 'b inet manual', 'c inet6 auto', 'd inet dhcp'],
    );
  });

  it('knows templates and what inherits from them', () => {
    assert.deepEqual(
      stanzas('template base\n mtu 1400\niface eth0\n mtu 1300\n inherit base\niface eth1 inherits base\n'),
      [
        ['base inet manual', 'mtu 1400'],
        ['eth0 inet manual', 'mtu 1300'],
        ['eth1 inet manual', 'mtu 1400'],
      ],
    );
  });

  it('calls by their name here what has another there', () => {
    assert.deepEqual(stanzas('iface a\n address 192.0.2.1/32\n point-to-point 192.0.2.2\n alias uplink\n'), [
      ['a inet static', 'address 192.0.2.1/32', 'pointopoint 192.0.2.2', 'description uplink'],
    ]);
  });

  it('takes the loopback interface for what it is', () => {
    const { interfaces } = parseInterfaces('/i', {
      files: memoryFiles({ '/i': 'auto lo\niface lo\n' }),
      dialect: 'ng',
    });
    assert.deepEqual(
      interfaces.stanzas.map(({ name, method }) => [name, method]),
      [['lo', 'loopback']],
    );
  });

  it('reads what is as in interfaces(5) as before, its mistakes too', () => {
    assert.deepEqual(stanzas('iface eth0 inet static\n address 192.0.2.1\n'), [
      ['eth0 inet static', 'address 192.0.2.1'],
    ]);
    const { notices } = parseInterfaces('/i', {
      files: memoryFiles({ '/i': 'iface eth0 inet5 static\n' }),
      dialect: 'ng',
    });
    assert.equal(notices[0]?.message, 'unknown or no address type and no inherits keyword specified');
  });
});
