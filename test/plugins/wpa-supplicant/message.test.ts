import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  printable,
  readMessage,
  readNetworks,
  readPairs,
  readStations,
} from '../../../plugins/wpa-supplicant/message.ts';
import { isName } from '../../../plugins/wpa-supplicant/roaming.ts';

describe('what wpa_supplicant tells', () => {
  it('is read as wpa_supplicant 2.10 says it', () => {
    // Heard of the control interface with simulated radios, and 802.1X on a cable.
    const heard: [string, object | undefined][] = [
      [
        '<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:00:00 completed [id=0 id_str=at-home]',
        { kind: 'connected', bssid: '02:00:00:00:00:00', idStr: 'at-home' },
      ],
      [
        '<3>CTRL-EVENT-CONNECTED - Connection to 01:80:c2:00:00:03 completed [id=0 id_str=]',
        { kind: 'connected', bssid: '01:80:c2:00:00:03', idStr: '' },
      ],
      [
        '<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=4 locally_generated=1',
        { kind: 'disconnected', bssid: '02:00:00:00:01:00', reason: 4, local: true },
      ],
      [
        '<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:00 reason=15',
        { kind: 'disconnected', bssid: '02:00:00:00:00:00', reason: 15, local: false },
      ],
      ['<3>Associated with 02:00:00:00:00:00', { kind: 'associated', bssid: '02:00:00:00:00:00' }],
      [
        '<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="lab0" auth_failures=1 duration=10 reason=WRONG_KEY',
        { kind: 'disabled', ssid: 'lab0', reason: 'WRONG_KEY' },
      ],
      ['<3>CTRL-EVENT-EAP-FAILURE EAP authentication failed', { kind: 'rejected', by: 'EAP' }],
      ['<3>CTRL-EVENT-EAP-STARTED EAP authentication started', { kind: 'started' }],
      [
        '<3>CTRL-EVENT-AUTH-REJECT 02:00:00:00:01:00 auth_type=3 auth_transaction=2 status_code=15',
        { kind: 'rejected', by: 'SAE', status: 15 },
      ],
      [
        '<3>CTRL-EVENT-ASSOC-REJECT bssid=02:00:00:00:00:00 status_code=17',
        { kind: 'rejected', by: 'association', status: 17 },
      ],
      ['<3>CTRL-EVENT-NETWORK-NOT-FOUND ', { kind: 'not-found' }],
      ['<3>CTRL-EVENT-SCAN-RESULTS ', { kind: 'scanned' }],
      [
        '<3>CTRL-EVENT-SIGNAL-CHANGE above=0 signal=-30 noise=-95 txrate=54000',
        { kind: 'signal', above: false, signal: -30, noise: -95, rate: 54000 },
      ],
      [
        '<3>CTRL-EVENT-SIGNAL-CHANGE above=1 signal=-30 noise=9999 txrate=0',
        { kind: 'signal', above: true, signal: -30 },
      ],
      ['<3>CTRL-EVENT-TERMINATING ', { kind: 'terminating' }],
      ["<3>SME: Trying to authenticate with 02:00:00:00:00:00 (SSID='home' freq=2412 MHz)", undefined],
      ['CTRL-EVENT-TERMINATING ', undefined],
    ];
    for (const [text, message] of heard) assert.deepEqual(readMessage(text), message, text);
  });

  it('is none, or whole, whatever it is made of', () => {
    const words = fc.constantFrom(
      ...[
        '<3>',
        'CTRL-EVENT-CONNECTED - Connection to ',
        'CTRL-EVENT-DISCONNECTED bssid=',
        ' completed [id=',
        ']',
      ],
      ...[
        '02:00:00:00:00:00',
        ' reason=',
        'CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="',
        '"',
        '\n',
        '\0',
        '=',
        '99999',
      ],
    );
    const text = fc.array(fc.oneof(words, fc.string({ unit: 'binary' }))).map(parts => parts.join(''));
    fc.assert(
      fc.property(text, each => {
        const message = readMessage(each);
        if (message?.kind === 'disconnected') assert.ok(Number.isSafeInteger(message.reason));
        readPairs(each);
        for (const { ssid } of readStations(each)) assert.match(ssid, /^[\x20-\x7e]*$/);
        for (const { id } of readNetworks(each)) assert.ok(Number.isSafeInteger(id));
        assert.match(printable(each), /^[\x20-\x7e]*$/);
      }),
    );
  });

  it('has names of access points as bytes, of which none reaches a terminal', () => {
    const text = [
      'bssid / frequency / signal level / flags / ssid',
      '02:00:00:00:00:00\t2412\t-30\t[WPA2-PSK-CCMP][ESS]\thome',
      '02:00:00:00:01:00\t2437\t-41\t[ESS]\t\\x1b[2J \x1b\xff',
      'nonsense',
    ].join('\n');
    assert.deepEqual(
      readStations(text).map(({ ssid, signal }) => [ssid, signal]),
      [
        ['home', -30],
        ['\\x1b[2J \\x1b\\xff', -41],
      ],
    );
    assert.deepEqual(
      readNetworks(
        'network id / ssid / bssid / flags\n0\thome\tany\t[DISABLED]\n1\t\tany\t[CURRENT]\n2\tx\tany\t\n',
      ),
      [
        { id: 0, disabled: true },
        { id: 1, disabled: false },
        { id: 2, disabled: false },
      ],
    );
  });

  it('chooses a logical interface only by what can be the name of one', () => {
    for (const text of ['$(reboot)', '../x', 'a/b', 'a b', '', '-x', 'a\nb']) assert.ok(!isName(text), text);
    for (const text of ['home_static', 'at-work', 'wlan0', '0']) assert.ok(isName(text), text);
  });
});
