import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Lines } from '../../../plugins/openvpn/management/lines.ts';
import { messageIn } from '../../../plugins/openvpn/management/message.ts';

describe('the management interface of OpenVPN', () => {
  it('has the same lines however it is cut into pieces', () => {
    const text = Buffer.from('>INFO:hello\r\n>STATE:1,WAIT,,,,,,\r\n\r\nSUCCESS: pid=7\r\nrest without end');
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), cuts => {
        const found: string[] = [];
        const lines = new Lines(line => found.push(line) > 0);
        let at = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), text.length]) {
          lines.push(text.subarray(at, cut));
          at = cut;
        }
        assert.deepEqual(found, ['>INFO:hello', '>STATE:1,WAIT,,,,,,', 'SUCCESS: pid=7']);
      }),
    );
  });

  it('leaves out a line that is too long, and goes on with the next', () => {
    const found: string[] = [];
    const lines = new Lines(line => found.push(line) > 0);
    lines.push(Buffer.alloc(20_000, 'x'));
    lines.push(Buffer.from('x\nSUCCESS: fine\n'));
    assert.deepEqual(found, ['SUCCESS: fine']);
  });

  it('is given up after a megabyte of nonsense, in one line or in many', () => {
    for (const chunk of [Buffer.alloc(65_536, 'x'), Buffer.alloc(65_536, 'y\n')]) {
      const lines = new Lines(() => false);
      assert.throws(() => {
        for (let count = 0; count < 20; count++) lines.push(chunk);
      }, /does not speak/);
    }
    // What means something in between begins the count anew.
    const lines = new Lines(line => line === 'SUCCESS: fine');
    for (let count = 0; count < 18; count++) {
      lines.push(Buffer.alloc(65_536, 'y\n'));
      lines.push(Buffer.from('\nSUCCESS: fine\n'));
    }
  });

  const messages: Record<string, object | undefined> = {
    '>INFO:OpenVPN Management Interface Version 5': { kind: 'greeting' },
    '>HOLD:Waiting for hold release:0': { kind: 'hold' },
    'SUCCESS: pid=4711': { kind: 'pid', pid: 4711 },
    'SUCCESS: hold release succeeded': { kind: 'reply' },
    'ERROR: unknown command': { kind: 'reply' },
    END: { kind: 'reply' },
    ">PASSWORD:Need 'Auth' username/password": { kind: 'asks', what: 'Auth' },
    ">PASSWORD:Need 'Private Key' password": { kind: 'asks', what: 'Private Key' },
    ">PASSWORD:Verification Failed: 'Auth'": { kind: 'refused', what: 'Auth' },
    '>PASSWORD:Auth-Token:secret': { kind: 'reply' },
    '>FATAL:it is over': { kind: 'fatal', text: 'it is over' },
    '>LOG:1,N,TLS Error: x': { kind: 'log', flags: 'N', text: 'TLS Error: x', told: false },
    '1,I,before': { kind: 'log', flags: 'I', text: 'before', told: true },
    '>UPDATED:what': undefined,
    'anything else': undefined,
    '': undefined,
  };
  for (const [line, expected] of Object.entries(messages))
    it(`says ${JSON.stringify(line)}, which is ${expected === undefined ? 'passed over' : JSON.stringify(expected)}`, () =>
      assert.deepEqual(messageIn(line), expected));

  it('tells its state, at once and when asked', () => {
    const state = {
      kind: 'state',
      name: 'CONNECTED',
      detail: 'SUCCESS',
      local: '10.7.0.2',
      remote: '192.0.2.1',
    };
    const text = '1795771714,CONNECTED,SUCCESS,10.7.0.2,192.0.2.1,1194,,,fd00::2';
    assert.deepEqual(messageIn(`>STATE:${text}`), { ...state, port: '1194', told: false });
    assert.deepEqual(messageIn(text), { ...state, port: '1194', told: true });
  });

  it('may say anything: nothing throws', () => {
    fc.assert(fc.property(fc.string(), text => void messageIn(text)));
    fc.assert(fc.property(fc.string(), text => void messageIn(`>PASSWORD:${text}`)));
  });
});
