import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changedLink, differsOtherwise } from '../../../core/netlink/mirror/link-difference.ts';
import { LinkFacts } from '../../../core/netlink/mirror/link-facts.ts';
import { bytesOfPayload } from '../../../core/netlink/mirror/memory.ts';
import { linkObject } from '../../../core/netlink/text/link.ts';
import { LinkNames } from '../../../core/netlink/text/link-names.ts';
import { find } from '../../../core/netlink/wire/attributes.ts';
import { RTM_NEWLINK } from '../../../core/netlink/wire/constants.ts';
import { decode, decodePayload } from '../../../core/netlink/wire/message.ts';
import { messagesOf } from '../fixture.ts';

const messages = [...messagesOf('links'), ...messagesOf('links-uml-6.1')];
const payloads = messages.map(bytes => Buffer.from(bytes.subarray(16)).toString('latin1'));
const names = new LinkNames();
for (const { header, attributes } of messages.map(decode)) {
  names.set(header.index!, String(find(attributes, 'ifname')), header.flags!);
}
const decoded = (payload: string) => linkObject(decodePayload(RTM_NEWLINK, bytesOfPayload(payload)), names);

/** A message and one like it with other flags and some other bytes. */
const pairs = fc
  .record({
    payload: fc.constantFrom(...payloads),
    flags: fc.subarray([0x1, 0x40, 0x100, 0x1000, 0x10000, 0x40000]),
    pointToPoint: fc.constantFrom(0, 0, 0, 0x10),
    bytes: fc.array(fc.record({ at: fc.nat(3000), value: fc.nat(255) }), { maxLength: 2 }),
    cut: fc.option(fc.nat(40), { freq: 8 }),
  })
  .map(({ payload, flags, pointToPoint, bytes, cut }) => {
    const next = Buffer.from(payload, 'latin1');
    for (const flag of [...flags, pointToPoint]) next.writeUInt32LE((next.readUInt32LE(8) ^ flag) >>> 0, 8);
    for (const { at, value } of bytes) next[at % next.length] = value;
    return { old: payload, next: next.toString('latin1', 0, next.length - (cut ?? 0)) };
  });

describe('the difference of two messages about a link', () => {
  it('gives the link that decoding the new message gives, or leaves it to decoding', () => {
    let made = 0;
    fc.assert(
      fc.property(pairs, ({ old, next }) => {
        const link = changedLink(decoded(old), old, next, names);
        if (link === undefined) return;
        made++;
        assert.deepEqual(link, decoded(next));
      }),
      { numRuns: 2000 },
    );
    assert.ok(made > 30, `${made} made`);
  });

  it('is no other change where only flags with events of their own and counters differ', () => {
    for (const old of payloads) {
      const next = Buffer.from(old, 'latin1');
      next.writeUInt32LE((next.readUInt32LE(8) ^ 0x10041) >>> 0, 8);
      assert.equal(differsOtherwise(old, next.toString('latin1'), new LinkFacts()), false);
    }
  });

  it('is another change wherever the decoded links differ in a setting', () => {
    fc.assert(
      fc.property(pairs, ({ old, next }) => {
        const [before, after] = [decoded(old), decoded(next)];
        const isOther = (
          ['mtu', 'address', 'master', 'operstate', 'qdisc', 'group', 'ifalias'] as const
        ).some(name => before[name] !== after[name]);
        if (isOther) assert.equal(differsOtherwise(old, next, new LinkFacts()), true);
      }),
      { numRuns: 2000 },
    );
  });
});
