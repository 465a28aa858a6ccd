import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Framer, FramingError } from '../../../core/control/varlink/framing.ts';

/** Pushes pieces and takes what is there after each, or at the end only. */
function take(pieces: Buffer[], longest: number, eager: boolean): string[] {
  const framer = new Framer(longest);
  const messages: string[] = [];
  const drain = () => {
    for (let text = framer.next(); text !== undefined; text = framer.next()) messages.push(text);
  };
  for (const piece of pieces) {
    framer.push(piece);
    if (eager) drain();
  }
  drain();
  assert.equal(framer.backlog, 0);
  return messages;
}

function cut(bytes: Buffer, places: number[]): Buffer[] {
  const ends = [...places.map(place => Math.floor(place * bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, at) => Buffer.from(bytes.subarray(ends[at - 1] ?? 0, end)));
}

const texts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }).map(text => text.replaceAll('\0', '')));
const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 });

describe('framing', () => {
  it('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(texts, fractions, fc.boolean(), (messages, places, eager) => {
        const bytes = Buffer.from(messages.map(message => `${message}\0`).join(''));
        const whole = messages.map(message => Buffer.from(message).toString());
        assert.deepEqual(take(cut(bytes, places), 2000, eager), whole);
      }),
    );
  });

  it('gives the same messages when every byte comes by itself', () => {
    const bytes = Buffer.from('{"a":"ä€𐍈"}\0\0x\0');
    assert.deepEqual(
      take(
        [...bytes].map(byte => Buffer.from([byte])),
        100,
        true,
      ),
      ['{"a":"ä€𐍈"}', '', 'x'],
    );
  });

  it('refuses what is no UTF-8 and gives what comes behind it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fractions, (noise, places) => {
        const bad = Buffer.concat([Buffer.from([0xff]), Buffer.from(noise.filter(byte => byte !== 0))]);
        const framer = new Framer(100);
        for (const piece of cut(Buffer.concat([bad, Buffer.from('\0good\0')]), places)) framer.push(piece);
        assert.throws(
          () => framer.next(),
          (error: unknown) => error instanceof FramingError && !error.fatal,
        );
        assert.equal(framer.next(), 'good');
      }),
    );
  });

  it('takes a message of just the bound, and breaks on one byte more wherever it is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fractions, (longest, places) => {
        assert.deepEqual(take(cut(Buffer.from(`${'x'.repeat(longest)}\0`), places), longest, true), [
          'x'.repeat(longest),
        ]);
        assert.throws(
          () => take(cut(Buffer.from(`${'x'.repeat(longest + 1)}\0`), places), longest, true),
          (error: unknown) => error instanceof FramingError && error.fatal,
        );
      }),
    );
  });

  it('holds no more than the bound while a message does not end, and nothing once it broke', () => {
    const framer = new Framer(1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    const piece = Buffer.from('x');
    for (let at = 0; at < 1024 * 1024; at++) {
      framer.push(piece);
      assert.equal(framer.next(), undefined);
    }
    assert.ok(framer.unfinished);
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024);
    framer.push(piece);
    assert.throws(() => framer.next(), FramingError);
    assert.equal(framer.unfinished, false);
    framer.push(Buffer.from('{}\0'));
    assert.equal(framer.next(), undefined);
  });
});
