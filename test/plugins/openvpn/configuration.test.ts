import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '../../../plugins/openvpn/configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'netconf-ovpn-'));
const file = join(folder, 'work.ovpn');

function read(...lines: string[]) {
  writeFileSync(file, lines.join('\n'));
  const { path: _, ...found } = readConfiguration(file, path => ({ path }));
  return found;
}

describe('a configuration file of OpenVPN', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('says which device, and whether all goes through it; the rest is OpenVPN’s', () => {
    const usual = { name: 'work', kind: 'tun', redirect: false, keepsGateway: false };
    assert.deepEqual(read('client', 'remote vpn.example'), usual);
    assert.deepEqual(read('dev tun'), { ...usual, device: 'tun' });
    assert.deepEqual(read(' dev "tap3" # of the office', '; dev tun9'), {
      ...usual,
      device: 'tap3',
      kind: 'tap',
    });
    assert.deepEqual(read('dev office', 'dev-type tap'), { ...usual, device: 'office', kind: 'tap' });
    assert.deepEqual(read('--redirect-gateway def1'), { ...usual, redirect: true });
    assert.deepEqual(read('route-nopull'), { ...usual, keepsGateway: true });
    assert.deepEqual(read('pull-filter ignore "redirect-gateway"'), { ...usual, keepsGateway: true });
    assert.deepEqual(read('pull-filter accept "redirect-gateway"'), usual);
  });

  it('has blocks that are not read as lines', () => {
    assert.deepEqual(
      read('<ca>', 'dev ../x', '</ca>', '<connection>', 'remote a', '</connection>', 'dev tun4').device,
      'tun4',
    );
    assert.equal(read('<tls-crypt>', 'dev tun1').device, undefined);
  });

  it('is told with its line where netconf cannot use it', () => {
    assert.throws(() => read('client', 'dev a/b'), /work\.ovpn:2: dev "a\/b": no name of a device/);
    assert.throws(() => read('dev-type'), /work\.ovpn:1: dev-type "": neither tun nor tap/);
    assert.throws(() => read('mode server'), /work\.ovpn:1: mode: a server/);
    assert.throws(() => read('a\0b'), /a zero byte/);
    assert.throws(() => readConfiguration(folder, path => ({ path })), /a directory/);
  });
});
