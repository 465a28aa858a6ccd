import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { excerptOf } from '../../../../plugins/network-file/language/problem.ts';
import { read } from './read.ts';

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/network', name), 'utf8');
const around = 'network "a" { interface "eth0" { address 10.0.0.2/24 } }';

describe('a mistake in the network file', () => {
  const cases: [what: string, text: string, found: string[]][] = [
    [
      'a slip of the pen',
      'route default {\n  gatweayv4 10.0.0.65;\n  metric 2;\n}',
      ['2:3 error: unknown option of route: gatweayv4 | did you mean gatewayv4?'],
    ],
    [
      'an option that belongs elsewhere',
      'network "a" {\n  gatewayv4 10.0.0.1;\n  network 10.0.0.0/8\n}',
      ['2:3 error: unknown option of network: gatewayv4 | it is an option of route'],
    ],
    [
      'an unknown block',
      'netwrok "a" { }\nnetwork "b" { network 10.0.0.0/8 }',
      ['1:1 error: unknown block: netwrok | did you mean network?'],
    ],
    [
      'a value that is none',
      'network "a" { interface "eth0" { addressv4 10.0.0.256/24; mtu big } }',
      [
        '1:44 error: addressv4 10.0.0.256/24: expected an IPv4 address, perhaps with a prefix length, or one of dhcp, bootp, dynamical, none, linklocal',
        '1:63 error: mtu big: expected a number from 68 to 65535',
      ],
    ],
    [
      'a value that is missing',
      'network "a" { interface "eth0" { addressv4; }\n  netmaskv4\n  networkv4 10.0.0.0/8 }',
      [
        '1:34 error: addressv4 needs a value: an IPv4 address, dhcp, bootp, dynamical or none',
        '2:3 error: netmaskv4 needs a value: a mask such as 255.255.255.0, or a prefix length',
      ],
    ],
    [
      'a mask with holes',
      'network "a" { networkv4 10.0.0.0; netmaskv4 255.0.255.0 }',
      ['1:45 error: netmaskv4 255.0.255.0: expected a mask such as 255.255.255.0, or a prefix length'],
    ],
    [
      'what stands twice',
      'network "a" { network 10.0.0.0/8; mtu 1400; mtu 1500 }\nnetwork "a" { network 192.0.2.0/24 }',
      [
        '1:45 error: mtu stands here twice | the first is at /n.conf:1:35',
        '2:9 error: there is a network "a" already | at /n.conf:1:9',
      ],
    ],
    [
      'an interface of two networks',
      `${around}\nnetwork "b" { interface "eth0" { address 192.0.2.1/24 } }`,
      [
        '2:25 error: there is an interface eth0 already | it is of network "a" at /n.conf:1:15; eth0:1 is a second address',
      ],
    ],
    [
      'an address of two interfaces',
      `${around}\nnetwork "b" { interface "eth1" { address 10.0.0.2/25 } }`,
      [
        '2:9 warning: 10.0.0.0/25 of "b" overlaps 10.0.0.0/24 of "a" | at /n.conf:1:9',
        '2:42 error: the address 10.0.0.2 is given twice | the other one is at /n.conf:1:42',
      ],
    ],
    [
      'an address outside its network',
      'network "a" { interface "eth0" { addressv4 10.1.0.2 } network 10.0.0.0/24 }',
      ['1:44 error: 10.1.0.2 is not in the network 10.0.0.0/24'],
    ],
    [
      'the address of the network itself',
      'network "a" { interface "eth0" { address 10.0.0.0/24 } interface "eth1" { address 10.0.0.255/24 } }',
      [
        '1:42 error: 10.0.0.0 is the network 10.0.0.0/24 itself',
        '1:83 error: 10.0.0.255 is the broadcast address of 10.0.0.0/24',
      ],
    ],
    [
      'a broadcast address that does not fit',
      'network "a" { interface "eth0" { address 10.0.0.2/24 } broadcastv4 10.0.1.255 }',
      [
        '1:68 error: the broadcast address 10.0.1.255 does not fit 10.0.0.2/24 | that of 10.0.0.0/24 is 10.0.0.255',
      ],
    ],
    [
      'a network without anything',
      'network "a" { mtu 1400 }',
      [
        '1:1 error: the network "a" has neither an interface nor a network address | networkv4 and netmaskv4 name it',
      ],
    ],
    [
      'an interface without an address',
      'network "a" { interface "eth0" { mtu 1400 } }',
      [
        '1:15 error: the interface eth0 has no address | addressv4 or addressv6 gives it one; addressv4 none is a link without',
      ],
    ],
    [
      'a gateway that is nowhere',
      `${around}\nroute default { gatewayv4 10.0.1.1 }`,
      [
        '2:27 error: the gateway 10.0.1.1 is in no network of an interface | interface names the one that leads to it',
      ],
    ],
    [
      'a gateway that is the host itself',
      `${around}\nroute default { gatewayv4 10.0.0.2 }`,
      ['2:27 error: the gateway 10.0.0.2 is this host itself (eth0)'],
    ],
    [
      'two routes of one metric',
      `${around}\nroute default { gateway 10.0.0.1 }\nroute default { gateway 10.0.0.9 }`,
      [
        '3:1 error: another route to default has the metric 0 | at /n.conf:2:1; the lowest metric counts, so give each its own',
      ],
    ],
    [
      'an unknown network',
      `${around}\nroute "b" { gateway 10.0.0.1 }\nrule { from "aa" accept }`,
      ['2:7 error: there is no network "b"', '3:13 error: there is no network "aa"'],
    ],
    [
      'a network without quotes',
      `network "inside" { network 10.0.0.0/8 }\nrule { from inside accept }`,
      ['2:13 error: inside is neither an address nor a host | a network stands in quotes: "inside"'],
    ],
    [
      'a host that nobody knows yet',
      'rule { to ftp.example.org/ftp protocol tcp accept }',
      [
        '1:11 error: the host ftp.example.org is not in /etc/hosts | rules are in force before there is a name server to ask: write the address, or add the host to /etc/hosts',
      ],
    ],
    [
      'a service of another protocol, and none',
      'rule { to everywhere/www protocol udp accept }\nrule { to everywhere/wwww accept }\nrule { to everywhere/70000 deny }',
      [
        '1:11 error: the service www is none of udp',
        '2:11 error: there is no service wwww in /etc/services | did you mean www?',
        '3:11 error: 70000 is no port | expected: a number from 1 to 65535, or two with - between',
      ],
    ],
    [
      'two deeds of one rule, none, and a wrong reversal',
      'rule { accept; masquerade }\nrule { from 10.0.0.0/8 }\nrule { not redirect 10.0.0.1 }\nrule { not mark 5 }',
      [
        '1:16 error: masquerade after accept: a rule does one of them | a rule of its own does the other',
        '2:1 error: this rule does nothing | expected one of forward, masquerade, deny, reject, accept, redirect, transproxy, log, monitor, mark or tos',
        '3:8 error: not before redirect: what would happen instead? | a rule before it with accept takes packets out',
        '4:1 error: this rule does nothing | expected one of forward, masquerade, deny, reject, accept, redirect, transproxy, log, monitor, mark or tos',
        '4:8 error: not before mark: it sets, and does not match | not marked matches',
      ],
    ],
    [
      'not before what cannot be reversed',
      'network "a" { not mtu 1400; network 10.0.0.0/8 }\nnot network "b" { network 192.0.2.0/24 }',
      [
        '1:15 error: not before mtu: only what a rule matches can be reversed',
        '2:1 error: not before network: only options can be reversed',
      ],
    ],
    [
      'what no card needs any more',
      'network "a" { interface "eth0" { address 10.0.0.2/24; irq 5; media 10base2 } }',
      [
        '1:55 warning: irq has no effect any more | the kernel finds it by itself; for an ISA card it is an option of its module in /etc/modprobe.d',
        '1:62 warning: media has no effect any more | links negotiate it; ethtool(8) sets speed and duplex by hand: option link-speed 100; option link-duplex full',
      ],
    ],
    [
      'a broadcast address of IPv6',
      'network "a" { network fd00::/64; broadcastv6 ff02::1 }',
      ['1:34 error: IPv6 has no broadcast addresses | leave broadcastv6 out'],
    ],
    [
      'no mask at all',
      'network "a" { interface "eth0" { addressv4 10.0.0.2 } }',
      [
        '1:44 warning: no netmask: 10.0.0.2 is taken to be of a network of 8 bits | write 10.0.0.2/24, or netmaskv4',
      ],
    ],
    [
      'a block without an end',
      'network "a" {\n  interface "eth0" { address 10.0.0.2/24 }\n\nroute default { gateway 10.0.0.1 }',
      ['1:13 error: this block of network "a" has no end | a } is missing'],
    ],
    [
      'an end without a beginning',
      `${around}\n}\nrule { accept }`,
      ['2:1 error: nothing is open that this could close'],
    ],
    [
      'a text without an end',
      'network "a {\n  network 10.0.0.0/8\n}',
      [
        '1:9 error: this text in quotes has no end | it ends with " on the same line',
        '2:3 error: network: { was expected after network',
        '3:1 error: }: { was expected after network',
        '3:1 error: nothing is open that this could close',
      ],
    ],
    [
      'a comment without an end',
      `${around}\n/* to be done`,
      ['2:1 error: this comment has no end | it ends with */'],
    ],
    [
      'a port of two bridges',
      'network "a" { interface "eth0" {} }\nnetwork "b" { network 10.0.0.0/8 }\nbridge "br0" { from "a" to "b" }\nbridge "br1" { from "a" }',
      [
        '3:28 error: "b" has no interface that could be a port',
        '4:21 error: "a" is a port of the bridge br0 already',
      ],
    ],
    [
      'a label with what only a link has',
      'network "a" { interface "eth0:1" { address 10.0.0.2/24; mtu 1400 } }',
      ['1:57 error: mtu is of the link eth0, not of its label eth0:1'],
    ],
    [
      'names that are none',
      'network "a b" { network 10.0.0.0/8 }\nnetwork "c" { interface "much-too-long-name" { addressv4 dhcp } }\nbridge "a/b" { from "c" }',
      [
        '1:9 error: no name of a network | up to 64 letters, digits, and . _ - in between',
        '2:25 error: no name of an interface | up to 15 characters without blanks and slashes',
        '3:8 error: no name of a bridge | it is an interface: up to 15 characters without blanks, colons and slashes',
      ],
    ],
    [
      'an MTU too small for IPv6',
      'network "a" { interface "eth0" { address fd00::2/64; mtu 1200 } }',
      ['1:54 error: mtu 1200: IPv6 needs 1280 at least (RFC 8200)'],
    ],
  ];
  for (const [what, text, found] of cases) {
    it(`is told with its place and what was meant: ${what}`, () => {
      assert.deepEqual(read(text).found, found);
    });
  }

  it('is shown with its line and a caret', () => {
    const { problems } = read('route default {\n\tgatweayv4 10.0.0.65;\n}');
    assert.deepEqual(excerptOf(problems[0]!), [' gatweayv4 10.0.0.65;', ' ^^^^^^^^^']);
  });

  it('is found in included files, too, and a circle of them is printed', () => {
    const { found } = read({
      '/n.conf': 'include "a.conf"\ninclude "none.conf"\ninclude a.conf',
      '/a.conf': 'include "b.conf"\nnetwork "x" { }',
      '/b.conf': 'include "a.conf"',
    });
    assert.deepEqual(found, [
      '2:9 error: /none.conf: there is no such file',
      '3:9 error: the path of a file in quotes was expected',
      '/a.conf:2:1 error: the network "x" has neither an interface nor a network address | networkv4 and netmaskv4 name it',
      '/b.conf:1:9 error: /a.conf: it includes itself | /a.conf → /b.conf → /a.conf',
    ]);
  });

  it('is found in the proposal of the format itself: slips, an inconsistent network, comments that a mailer has wrapped', () => {
    assert.deepEqual(read(fixture('home.conf')).found, [
      '13:1 error: unknown block: services | a comment that goes on needs its sign on each line',
      '16:13 error: networkv4 192.168.1.0 has bits of a host: with the prefix length 23 the network is 192.168.0.0/23',
      '18:15 error: the broadcast address 192.168.2.255 does not fit 192.168.1.34/23 | that of 192.168.0.0/23 is 192.168.1.255',
      '39:1 error: unknown option of network: be | a comment that goes on needs its sign on each line',
      '71:13 error: the gateway 193.170.190.33 is in no network of an interface | did you mean 193.170.191.33? Or interface names the one that leads to it',
      '76:1 error: unknown block: over | a comment that goes on needs its sign on each line',
    ]);
    assert.deepEqual(read(fixture('dialout.conf')).found, [
      '5:1 error: unknown option of network: and | a comment that goes on needs its sign on each line',
    ]);
  });

  it('keeps nothing from being read that is good around it', () => {
    const { model } = read(fixture('home.conf'));
    assert.deepEqual(
      model.networks.map(({ name }) => name),
      ['internal', 'untrusted', 'vmnet', 'isdn', 'dialin', 'internet'],
    );
    assert.equal(model.rules.length, 7);
  });
});
