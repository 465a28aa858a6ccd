import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { hardwareText, ipText } from '../../../core/netlink/text/addresses.ts';
import { linkObject } from '../../../core/netlink/text/link.ts';
import { LinkNames } from '../../../core/netlink/text/link-names.ts';
import { routerOptions } from '../../../core/netlink/text/router-option.ts';
import { find } from '../../../core/netlink/wire/attributes.ts';
import { RTM_NEWNDUSEROPT } from '../../../core/netlink/wire/constants.ts';
import { decode, encode } from '../../../core/netlink/wire/message.ts';
import { fixture, messagesOf } from '../fixture.ts';

describe('text forms', () => {
  it('writes IPv6 addresses as inet_ntop does', () => {
    const cases: [string, string][] = [
      ['00000000000000000000000000000000', '::'],
      ['00000000000000000000000000000001', '::1'],
      ['fe800000000000000000000000000001', 'fe80::1'],
      ['20010db8000000010000000000000001', '2001:db8:0:1::1'],
      ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
      ['20010db8000100010001000100010000', '2001:db8:1:1:1:1:1:0'],
      ['00000000000000000000ffff0a000001', '::ffff:10.0.0.1'],
      ['0000000000000000000000000a000001', '::10.0.0.1'],
    ];
    for (const [bytes, text] of cases) assert.equal(ipText(Buffer.from(bytes, 'hex')), text);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => assert.ok(isIPv6(ipText(bytes)))),
    );
  });

  it('writes hardware addresses by the type of the link', () => {
    assert.equal(hardwareText(Buffer.from('0200000000ff', 'hex')), '02:00:00:00:00:ff');
    assert.equal(hardwareText(Buffer.from('0a000001', 'hex'), 778), '10.0.0.1');
    assert.equal(hardwareText(Buffer.from('0a000001', 'hex'), 1), '0a:00:00:01');
  });

  it('says of bond, VLAN, VRF, WireGuard and other links what `ip -j -d link` said of them', () => {
    const names = new LinkNames();
    const messages = messagesOf('links-uml-6.1').map(decode);
    for (const { header, attributes } of messages) {
      names.set(header.index!, String(find(attributes, 'ifname')), header.flags!);
    }
    const { output } = fixture<{ output: Record<string, unknown>[] }>('ip-links-uml-6.1');
    const kinds = ['veth', 'bond', 'dummy', 'vlan', 'vrf', 'bridge', 'wireguard', 'ipvlan', 'geneve'];
    let compared = 0;
    for (const theirs of output) {
      const message = messages.find(({ header }) => header.index === theirs.ifindex)!;
      const ours = linkObject(message, names) as unknown as Record<string, unknown>;
      const kind = (theirs.linkinfo as { info_kind: string } | undefined)?.info_kind ?? '';
      if (!kinds.includes(kind)) continue;
      compared++;
      assertContains(ours, theirs, `${theirs.ifname}`);
    }
    assert.ok(compared >= 13, `${compared} compared`);
  });

  it('reads RDNSS, DNSSL and PvD options of router advertisements, and any bytes in their place', () => {
    // RFC 8106 sections 5.1 and 5.2; RFC 8801 section 3.1.
    const rdnss = '1903000000000e10' + 'fd000009000000000000000000000053';
    const dnssl = `1f03000000000e10036c6162047465737400${'00'.repeat(6)}`;
    const pvd = `15038000000103707664076578616d706c6500${'00'.repeat(5)}`;
    const other = '2601' + '0e10' + '00000000';
    const options = routerOptions(message(rdnss + dnssl + pvd + other));
    assert.deepEqual(
      options.map(({ bytes: _, ...rest }) => rest),
      [
        { ifindex: 4, type: 25, kind: 'rdnss', lifetime: 3600, servers: ['fd00:9::53'] },
        { ifindex: 4, type: 31, kind: 'dnssl', lifetime: 3600, domains: ['lab.test'] },
        { ifindex: 4, type: 21, kind: 'pvd', domains: ['pvd.example'] },
        { ifindex: 4, type: 38, kind: 'pref64' },
      ],
    );
    assert.equal(options[0]!.bytes, rdnss);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), bytes => {
        routerOptions(message(Buffer.from(bytes).toString('hex')));
      }),
    );
  });
});

function message(options: string) {
  const body = Buffer.from(options, 'hex');
  const header = { family: 10, opts_len: body.length, ifindex: 4, icmp_type: 134 };
  return decode(encode({ type: RTM_NEWNDUSEROPT, flags: 0, seq: 0, pid: 0, header, attributes: [], body }));
}

/** All that iproute2 prints is there and equal; newer fields than that iproute2 knew may stand beside it. */
function assertContains(ours: unknown, theirs: unknown, path: string): void {
  if (typeof theirs !== 'object' || theirs === null || Array.isArray(theirs)) {
    assert.deepEqual(ours, theirs, path);
    return;
  }
  for (const [key, value] of Object.entries(theirs)) {
    if (later.has(key)) continue;
    assertContains((ours as Record<string, unknown> | undefined)?.[key], value, `${path}.${key}`);
  }
}

/** Timers that ran on between the two looks, and words for numbers that are there. */
const later = new Set([
  'gc_timer',
  'hello_timer',
  'forward_delay_timer',
  'hold_timer',
  'message_age_timer',
  'ad_actor_oper_port_state_str',
  'ad_partner_oper_port_state_str',
]);
