import assert from 'node:assert/strict';
import * as v from 'valibot';
import { options } from '../../../plugins/guard/options.ts';

describe('an exception of the guard', () => {
  const isTaken = (text: string) => v.safeParse(options, { allow: [text] }).success;

  for (const text of [
    'dns',
    '10.5.0.1',
    '0.0.0.0/0 tcp',
    '10.5.0.1 udp 123',
    'fd00::/8 tcp',
    '::1/128 udp 65535',
  ])
    it(`may be ${text}`, () => assert.ok(isTaken(text)));

  // Each of these the method or the firewall would refuse when it is too late.
  for (const text of [
    '',
    'everything',
    '999.1.1.1',
    '10.5.0.1/33',
    'fd00::/129',
    '1:2',
    'fe80::1%w0',
    '10.5.0.1 udp 0',
    '10.5.0.1 udp 65536',
    '10.5.0.1 icmp',
  ])
    it(`is not ${JSON.stringify(text)}`, () => assert.ok(!isTaken(text)));
});
