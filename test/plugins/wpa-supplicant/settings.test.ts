import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { isWanted, settingsOf } from '../../../plugins/wpa-supplicant/settings.ts';
import { variables } from '../../../plugins/wpa-supplicant/variables.ts';
import { Folder } from '../../folder.ts';

type Options = Readonly<Record<string, string>>;

function operation(options: Options, more: { method?: string; step?: string; parameters?: Options } = {}) {
  const { method = 'dhcp', step = 'DHCP', parameters = {} } = more;
  const place = step === 'WPA' ? {} : { place: '/etc/network/interfaces:3' };
  return {
    interface: 'wlan0',
    logical: 'wlan0',
    request: 'ifup',
    step,
    parameters,
    stanza: { family: 'inet', method, step, options: Object.entries(options), ...place },
    options: {},
  } as never;
}

const read = (options: Options, more?: Parameters<typeof operation>[1]) =>
  settingsOf(operation(options, more), { trust: path => ({ path }), timeout: 30 });

/** What SET_NETWORK is told. */
const set = (options: Options) =>
  read(options).settings.network?.set.map(({ variable, value }) => `${variable} ${value}`);

describe('options of a supplicant', () => {
  it('become what Debian’s functions.sh makes of them', () => {
    assert.deepEqual(set({ 'wpa-ssid': 'My Net', 'wpa-psk': 'plaintextsecret' }), [
      'ssid 4d79204e6574',
      'psk "plaintextsecret"',
    ]);
    const key = '0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789';
    assert.deepEqual(set({ 'wpa-essid': '"home"', wpa_psk: `"${key}"` }), ['ssid 686f6d65', `psk ${key}`]);
    assert.deepEqual(
      set({ 'wpa-ssid': 'x', 'wpa-identity': 'a "b"', 'wpa-eap': 'PEAP TLS', 'wpa-phase2': 'auth=MSCHAPV2' }),
      ['ssid 78', 'identity "a "b""', 'eap PEAP TLS', 'phase2 "auth=MSCHAPV2"'],
    );
    assert.deepEqual(set({ 'wpa-ssid': 'x', 'wpa-wep-key0': '0102030405', 'wpa-wep-key1': 'abcde' }), [
      'ssid 78',
      'wep_key0 0102030405',
      'wep_key1 "abcde"',
    ]);
    assert.deepEqual(set({ 'wpa-key-mgmt': 'NONE' }), ['key_mgmt NONE']);
    assert.equal(set({ 'wpa-conf': 'managed' }), undefined);
    assert.equal(variables.length, new Set(variables.map(({ option }) => option)).size);
  });

  it('are wanted by any name that begins with wpa', () => {
    assert.ok(isWanted(operation({ wpa_ssid: 'x' })));
    assert.ok(isWanted(operation({ 'WPA-Driver': 'wired' })));
    assert.ok(!isWanted(operation({ address: '192.0.2.1/24' })));
  });

  it('are refused with the place of the option, where that is not the stanza’s', () => {
    const bad = operation({ 'wpa-driver': 'wired' }) as { stanza: { options: unknown[] } };
    bad.stanza.options.push(['wpa_ap_scan', '7', '/etc/netconf/netconf.yaml:9:5']);
    assert.throws(() => settingsOf(bad as never, { trust: path => ({ path }), timeout: 30 }), {
      message: '/etc/netconf/netconf.yaml:9:5: wpa-ap-scan 7: 0, 1 or 2 was expected',
    });
  });

  it('choose driver, bridge, interface and debug level', () => {
    const { settings } = read({
      'wpa-driver': 'wired',
      'wpa-bridge': 'br0',
      'wpa-iface': 'eth1',
      'wpa-debug-level': '2',
      'wpa-logfile': '/var/log/wpa.log',
      'wpa-ap-scan': '1',
    });
    assert.deepEqual(
      [settings.driver, settings.bridge, settings.interface, settings.on, settings.words, settings.commands],
      ['wired', 'br0', 'eth1', 'wlan0', ['-t', '-dd', '-f', '/var/log/wpa.log'], ['AP_SCAN 0']],
    );
    assert.equal(read({ 'wpa-driver': 'madwifi' }).settings.driver, 'nl80211,wext');
  });

  it('that cannot be are refused with the place, and never show a key', () => {
    using folder = new Folder();
    const empty = folder.write('empty', '\n');
    const wrong: [Options, RegExp][] = [
      [{ 'wpa-ssid': 'x'.repeat(33) }, /wpa-ssid: 33 bytes, 32 are the most/],
      [{ 'wpa-ssid': 'x', 'wpa-psk': 'hidden!' }, /wpa-psk: 8 to 63 characters, or 64 hexadecimal digits/],
      [{ 'wpa-ssid': 'x', 'wpa-psk': 'hidden!!\nhidden!?' }, /wpa-psk: it may be given once/],
      [{ 'wpa-psk': 'hidden!!' }, /wpa-psk says nothing without wpa-ssid/],
      [{ 'wpa-ssid': 'x', 'wpa-essid': 'y' }, /wpa-essid and wpa-ssid say different things/],
      [{ 'wpa-ssid': 'x', 'wpa-psk': 'hidden!!', 'wpa-passphrase': 'hidden!?' }, /say different things/],
      [{ 'wpa-ssid': 'x', 'wpa-psk': 'hidden!!', 'wpa-psk-file': empty }, /both give the key/],
      [{ 'wpa-ssid': 'x', 'wpa-psk-file': '/nowhere' }, /wpa-psk-file \/nowhere: it does not exist/],
      [{ 'wpa-ap-scan': '3' }, /wpa-ap-scan 3: 0, 1 or 2 was expected/],
      [{ 'wpa-timeout': '-1' }, /wpa-timeout -1: a number of seconds/],
      [{ 'wpa-driver': 'wired -B' }, /wpa-driver wired -B: the name of a driver/],
      [{ 'wpa-iface': '../x' }, /the name of an interface/],
      [{ 'wpa-bridge': '..' }, /the name of an interface/],
      [{ 'wpa-country': 'Germany' }, /ISO 3166/],
      [{ 'wpa-conf': 'wpa.conf' }, /an absolute path was expected/],
      [{ 'wpa-conf': empty }, /there is nothing in it/],
      [{ 'wpa-conf': folder.path }, /a directory, where a file was expected/],
      [{ 'wpa-roam': empty }, /wpa-roam needs a stanza with the method manual, not dhcp/],
    ];
    for (const [options, message] of wrong) {
      assert.throws(
        () => read(options),
        (error: Error) => {
          assert.match(error.message, /^\/etc\/network\/interfaces:3: /);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /hidden/);
          return true;
        },
      );
    }
    assert.throws(
      () => read({ 'wpa-roam': empty, 'wpa-conf': '/other' }, { method: 'manual' }),
      /wpa-roam and wpa-conf both name a file/,
    );
    assert.throws(
      () => read({ 'wpa-roam': empty, 'wpa-mapping-script-priority': '1' }, { method: 'manual' }),
      /says nothing without wpa-mapping-script/,
    );
  });

  it('that nobody knows are a warning in a file of ifupdown’s, and an error in a policy', () => {
    const { warnings } = read({ 'wpa-sid': 'x' });
    assert.deepEqual(warnings, [
      '/etc/network/interfaces:3: there is no option wpa-sid: did you mean wpa-ssid?',
    ]);
    const step = { step: 'WPA', method: 'wpa' };
    assert.throws(
      () => read({}, { ...step, parameters: { 'wpa-sid': 'x' } }),
      /^TypeError: \[cfg WPA\]: there is no option wpa-sid/,
    );
    assert.throws(() => read({}, { ...step, parameters: { timeout: '0' } }), /at least one second/);
    assert.equal(read({}, { ...step, parameters: { timeout: '7', 'wpa-ssid': 'x' } }).settings.timeout, 7);
  });

  it('name a file that says where its supplicant listens', () => {
    using folder = new Folder();
    const file = folder.write(
      'wpa.conf',
      '# ctrl_interface=/no\nctrl_interface=DIR=/run/elsewhere GROUP=netdev\n',
    );
    chmodSync(file, 0o600);
    const { settings } = read({ 'wpa-conf': file });
    assert.deepEqual([settings.conf, settings.control], [file, '/run/elsewhere']);
    const roaming = read(
      {
        'wpa-roam': file,
        'wpa-mapping-script': 'guess',
        'wpa-map': 'a',
        'wpa-map0': 'b',
        'wpa-roam-default-iface': 'away',
      },
      { method: 'manual' },
    ).settings.roaming;
    assert.deepEqual(roaming, { fallback: 'away', script: 'guess', scriptFirst: false, map: ['a', 'b'] });
  });
});
