import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import fc from 'fast-check';
import { type Attribute, attribute, find, type Hop } from '../../../core/netlink/wire/attributes.ts';
import * as c from '../../../core/netlink/wire/constants.ts';
import { decode, encode, type Message, split } from '../../../core/netlink/wire/message.ts';
import { linkSchema } from '../../../core/netlink/wire/schemas/link.ts';
import { routeSchema } from '../../../core/netlink/wire/schemas/route.ts';
import { skip } from '../../setup.ts';
import { captured, messagesOf } from '../fixture.ts';

const types = [2, 3, 16, 17, 20, 21, 24, 25, 28, 32, 68, 104, 4711];

describe('the netlink codec', () => {
  before(function () {
    // The captured bytes are of a little-endian machine.
    if (endianness() !== 'LE') skip(this, 'the captured bytes are little-endian');
  });

  for (const name of captured) {
    it(`encodes what it decoded to the same bytes: ${name}`, () => {
      for (const bytes of messagesOf(name)) {
        assert.deepEqual(Buffer.from(encode(decode(bytes))), Buffer.from(bytes));
      }
    });

    it(`marks a message that is cut off anywhere as truncated and does not throw: ${name}`, () => {
      for (const bytes of messagesOf(name)) {
        for (let length = 0; length < bytes.length; length++) {
          const message = decode(bytes.subarray(0, length));
          assert.equal(message.truncated, true, `${length} of ${bytes.length}`);
        }
        assert.equal(decode(bytes).truncated, undefined);
      }
    });
  }

  it('knows every attribute of the captured links, but keeps those it does not know', () => {
    for (const bytes of messagesOf('links-uml-6.1')) {
      const { attributes, rest } = decode(bytes);
      assert.deepEqual(
        attributes.filter(({ name }) => name === undefined),
        [],
      );
      assert.equal(rest, undefined);
    }
    const [first] = messagesOf('links');
    const message = decode(first!);
    message.attributes.push({ type: 999, value: Buffer.from('c0ffee', 'hex') });
    const again = decode(encode(message));
    assert.deepEqual(Buffer.from(again.attributes.at(-1)!.value as Uint8Array), Buffer.from('c0ffee', 'hex'));
  });

  it('gives numbers, texts, nested attributes and hops by name', () => {
    const bridge = messagesOf('links')
      .map(decode)
      .find(({ attributes }) => find(attributes, 'ifname') === 'br0')!;
    const info = find(bridge.attributes, 'linkinfo') as Attribute[];
    assert.equal(find(info, 'kind'), 'bridge');
    assert.equal(find(find(info, 'data') as Attribute[], 'hello_time'), 200);
    assert.equal(find(bridge.attributes, 'mtu'), 1500);
    const hops = messagesOf('routes')
      .map(decode)
      .flatMap(({ attributes }) => (find(attributes, 'multipath') ?? []) as Hop[]);
    assert.deepEqual(
      hops.map(hop => hop.hops),
      [1, 0],
    );
  });

  it('reads an error with its extended acknowledgement, with the request capped or whole', () => {
    const text = 'Nexthop has invalid gateway';
    for (const capped of [true, false]) {
      const request = encode(blank(c.RTM_NEWROUTE, { family: 2 }, [attribute(routeSchema, 'oif', 3)]));
      const error: Message = {
        ...blank(c.NLMSG_ERROR, { error: -101, len: request.length, type: c.RTM_NEWROUTE, seq: 9 }, [
          { type: 1, value: text },
          { type: 2, value: 28 },
        ]),
        flags: c.NLM_F_ACK_TLVS | (capped ? c.NLM_F_CAPPED : 0),
      };
      if (!capped) error.body = request.subarray(c.headerLength);
      const message = decode(encode(error));
      assert.equal(message.header.error, -101);
      assert.equal(find(message.attributes, 'msg'), text);
      assert.equal(find(message.attributes, 'offs'), 28);
    }
  });

  it('splits a datagram into its messages and stops where a length cannot be', () => {
    const bytes = messagesOf('rules');
    assert.equal([...split(Buffer.concat(bytes))].length, bytes.length);
    assert.equal([...split(new Uint8Array(64))].length, 0);
    assert.equal([...split(Buffer.concat([...bytes, new Uint8Array(15)]))].length, bytes.length);
  });

  it('encodes any message it can be given and decodes it to the same again', () => {
    fc.assert(
      fc.property(anyMessage, message => {
        const bytes = encode(message);
        assert.deepEqual(Buffer.from(encode(decode(bytes))), Buffer.from(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('takes any bytes at all: no throw, no endless loop, and nothing lost when the length is right', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 400 }), (type, bytes) => {
        decode(bytes);
        for (const part of split(bytes)) decode(part);
        const whole = encode({ ...blank(0, {}, []), rest: bytes });
        whole.set(new Uint8Array(new Uint16Array([type]).buffer), 4);
        const message = decode(whole);
        if (!message.truncated) assert.deepEqual(Buffer.from(encode(message)), Buffer.from(whole));
      }),
      { numRuns: 2000 },
    );
  });
});

function blank(type: number, header: Record<string, number>, attributes: Attribute[]): Message {
  return { type, flags: 0, seq: 0, pid: 0, header, attributes };
}

const anyText = fc.string({ unit: 'grapheme', maxLength: 20 }).filter(value => !value.includes('\0'));
const anyLink = fc
  .record({
    ifname: anyText,
    mtu: fc.nat(0xffff_ffff),
    operstate: fc.nat(255),
    link_netnsid: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    address: fc.uint8Array({ maxLength: 40 }),
  })
  .map(values => Object.entries(values).map(([name, value]) => attribute(linkSchema, name, value)));
const anyRoute = fc
  .record({
    dst: fc.uint8Array({ maxLength: 16 }),
    priority: fc.nat(0xffff_ffff),
    metrics: fc.nat(0xffff_ffff).map(value => [{ type: 2, value }]),
    multipath: fc.array(
      fc.record({
        flags: fc.nat(255),
        hops: fc.nat(255),
        ifindex: fc.nat(2 ** 31 - 1),
        attributes: fc.uint8Array({ maxLength: 16 }).map(value => [{ type: 5, value }]),
      }),
      { maxLength: 5 },
    ),
  })
  .map(values => Object.entries(values).map(([name, value]) => attribute(routeSchema, name, value)));
const unknown = fc.record({
  type: fc.integer({ min: 200, max: 0x3fff }),
  value: fc.uint8Array({ maxLength: 30 }),
});
const anyMessage = fc
  .oneof(
    anyLink.map(attributes => blank(c.RTM_NEWLINK, { family: 0, index: 7, flags: 0x1003 }, attributes)),
    anyRoute.map(attributes => blank(c.RTM_NEWROUTE, { family: 2, dst_len: 24, table: 254 }, attributes)),
  )
  .chain(message =>
    fc
      .array(unknown, { maxLength: 4 })
      .map(more => ({ ...message, attributes: [...message.attributes, ...more] })),
  );
