import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';
import { needPrograms } from './programs.ts';

/** An access point on a radio of the far side. */
const accessPoint = (radio: string, ssid: string, channel: number, lines: string) =>
  `interface=${radio}\ndriver=nl80211\nssid=${ssid}\nhw_mode=g\nchannel=${channel}\n${lines}`;
const psk = (phrase: string) => `wpa=2\nrsn_pairwise=CCMP\nwpa_key_mgmt=WPA-PSK\nwpa_passphrase=${phrase}\n`;
const sae = (word: string) =>
  `wpa=2\nrsn_pairwise=CCMP\nwpa_key_mgmt=SAE\nieee80211w=2\nsae_password=${word}\n`;

const slow = 90_000;

describe('Wi-Fi', function () {
  this.timeout(180_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'dnsmasq', 'dhclient'], modules: ['mac80211_hwsim'] });
    needPrograms(this);
    execFileSync('modprobe', ['mac80211_hwsim', 'radios=0']);
  });
  beforeEach(() => radios('on'));
  afterEach(() => radios('off'));

  it('joins a WPA2 network of interfaces(5), then gets a lease, and traffic flows', async () => {
    await using ground = await air();
    await ground.hostapd(accessPoint('wlan0', 'home', 1, psk('correct-horse')));
    await ground.dnsmasq('wlan0', '10.20.0');
    const interfaces = `iface wlan2 inet dhcp
	wpa-ssid home
	wpa-psk correct-horse
	dhcp-client dhclient
`;
    await ground.daemon({ interfaces, options: { timeout: 60, signal: { threshold: -20 } } });
    const result = await ground.up('wlan2');
    assert.equal(result.state, 'configured', JSON.stringify(result) + ground.output());
    assert.match(ground.addresses('wlan2').join(), /^10\.20\.0\.1\d\d\/24$/);
    assert.ok(ground.pings('10.20.0.1'));
    assert.ok(await ground.transfers('10.20.0.1'));
    const [connected] = ground.heard('wifi.connected');
    assert.equal(connected!.ssid, 'home');
    const [scan] = ground.heard('wifi.scan') as { stations: { ssid: string }[] }[];
    assert.ok(scan!.stations.some(({ ssid }) => ssid === 'home'));
    assert.deepEqual(ground.heard('wifi.associated'), [{ bssid: connected!.bssid }]);
    const { above, signal } = await ground.event('wifi.signal', 1, slow);
    assert.deepEqual([above, Number(signal) < -20], [false, true]);
    assert.equal((await ground.down('wlan2')).state, 'deconfigured');
    assert.deepEqual([ground.addresses('wlan2'), ground.supplicants()], [[], []]);
  });

  it('joins a WPA3 network by a step of a policy', async () => {
    await using ground = await air();
    await ground.hostapd(accessPoint('wlan0', 'caf\u00e9 "3"', 6, sae('battery-staple')));
    await ground.dnsmasq('wlan0', '10.20.1');
    const file = ground.folder.write('key', 'battery-staple\n');
    chmodSync(file, 0o600);
    const wlan2 = `[IFUP]
startat WPA
[cfg WPA]
timeout 60
wpa-ssid caf\u00e9 "3"
wpa-psk-file ${file}
wpa-key-mgmt SAE
wpa-ieee80211w 2
CONNECTED DHCP
[cfg DHCP]
dhcp-client dhclient
`;
    await ground.daemon({ policies: { wlan2 } });
    const result = await ground.up('wlan2');
    assert.deepEqual(
      [result.state, result.outcome],
      ['configured', 'BOUND'],
      JSON.stringify(result) + ground.output(),
    );
    assert.ok(ground.pings('10.20.1.1'));
    assert.ok(await ground.transfers('10.20.1.1'));
    assert.match(ground.cli('wlan2', 'status'), /^key_mgmt=SAE$/m);
    // Bytes, whatever they mean.
    assert.equal(ground.heard('wifi.connected')[0]!.ssid, 'caf\\xc3\\xa9 \\"3\\"');
    await ground.down('wlan2');
    assert.deepEqual(ground.supplicants(), []);
  });

  it('tells a wrong key from a network out of range', async () => {
    await using ground = await air();
    await ground.hostapd(
      accessPoint('wlan0', 'home', 1, psk('correct-horse')),
      accessPoint('wlan1', 'three', 6, sae('battery-staple')),
    );
    const stanza = (name: string, ssid: string, lines: string) =>
      `iface ${name} inet static\n\taddress 10.20.0.2/24\n\twpa-ssid ${ssid}\n${lines}`;
    const interfaces = [
      stanza('wrong', 'home', '\twpa-psk wrong-horse\n'),
      stanza(
        'wrong3',
        'three',
        '\twpa-key-mgmt SAE\n\twpa-ieee80211w 2\n\twpa-psk wrong-staple\n\twpa-timeout 60\n',
      ),
      stanza('away', 'nowhere', '\twpa-psk correct-horse\n\twpa-timeout 10\n'),
    ];
    await ground.daemon({ interfaces: interfaces.join('\n'), options: { timeout: 60 } });
    const wrong = await ground.up('wlan2', { logical: 'wrong' });
    assert.equal(wrong.state, 'failed');
    assert.match(wrong.message!, /"home": the access point refuses the key/);
    assert.deepEqual(await ground.event('wifi.auth-failed'), { ssid: 'home', reason: 'WRONG_KEY' });
    await ground.down('wlan2');
    await until('no supplicant', () => ground.supplicants().length === 0);

    const refused = ground.heard('wifi.auth-failed').length;
    const away = await ground.up('wlan2', { logical: 'away' });
    assert.equal(away.state, 'failed');
    assert.match(away.message!, /no connection to "nowhere" in 10 s: no such access point is in range/);
    assert.equal(ground.heard('wifi.auth-failed').length, refused);
    await ground.down('wlan2');
    await until('no supplicant', () => ground.supplicants().length === 0);

    const wrong3 = await ground.up('wlan2', { logical: 'wrong3' });
    assert.equal(
      wrong3.state,
      'failed',
      JSON.stringify(wrong3) + JSON.stringify(ground.heard('wifi.auth-failed')),
    );
    assert.match(wrong3.message!, /"three": the access point refuses/);
    await ground.down('wlan2');
  });

  it('waits for an access point, and configures the interface when it comes', async () => {
    await using ground = await air();
    const interfaces = `iface wlan2 inet static
	address 10.20.0.2/24
	wpa-ssid home
	wpa-psk correct-horse
	wpa-timeout 3
`;
    await ground.daemon({ interfaces });
    assert.equal((await ground.up('wlan2')).state, 'failed');
    await ground.hostapd(accessPoint('wlan0', 'home', 1, psk('correct-horse')));
    await until('an address', () => ground.addresses('wlan2').join() === '10.20.0.2/24', slow);
    await ground.down('wlan2');
    assert.deepEqual(ground.supplicants(), []);
  });

  it('roams between access points of a network, and between networks, each with its logical interface', async () => {
    await using ground = await air();
    // One wire behind all access points.
    ground.exec('far', 'ip', 'link', 'add', 'wire', 'type', 'bridge', 'forward_delay', '0');
    ground.exec('far', 'ip', 'link', 'set', 'wire', 'up');
    for (const address of ['10.20.0.1/24', '10.20.1.1/24'])
      ground.exec('far', 'ip', 'address', 'add', address, 'dev', 'wire');
    const key = `${psk('correct-horse')}bridge=wire\n`;
    const first = await ground.hostapd(accessPoint('wlan0', 'home', 1, key));
    const conf = ground.folder.write(
      'wpa.conf',
      `ctrl_interface=DIR=${ground.path('ctrl')}
network={
  ssid="home"
  psk="correct-horse"
  id_str="at-home"
  priority=2
}
network={
  ssid="work"
  psk="correct-horse"
  id_str="at-work"
}
`,
    );
    const interfaces = `iface wlan2 inet manual
	wpa-roam ${conf}
iface at-home inet static
	address 10.20.0.2/24
iface at-work inet static
	address 10.20.1.2/24
`;
    await ground.daemon({ interfaces });
    assert.equal((await ground.up('wlan2')).state, 'configured');
    await until('home', () => ground.addresses('wlan2').join() === '10.20.0.2/24', slow);
    await until('its event', () => ground.heard('wifi.connected').length > 0, slow);
    const [before] = ground.heard('wifi.connected');
    assert.ok(await ground.transfers('10.20.0.1'));

    // Another access point of the same network: nothing is configured anew.
    const second = await ground.hostapd(accessPoint('wlan1', 'home', 6, key));
    await until('its record', () => ground.heard('interface.configured').at(-1)!.logical === 'at-home', slow);
    const configured = ground.heard('interface.configured').length;
    ground.cli('wlan2', 'scan');
    await ground.event('wifi.scan', ground.heard('wifi.scan').length + 1, slow);
    const bssid = readFileSync('/tmp/wlan1.address', 'utf8').trim();
    // Once: a second one would be one too many.
    await until('its result of the scan', () => ground.cli('wlan2', 'roam', bssid) === 'OK', slow);
    await until('the other access point', () => ground.heard('wifi.connected').at(-1)!.bssid === bssid, slow);
    assert.notEqual(before!.bssid, bssid);
    assert.ok(await ground.transfers('10.20.0.1'));
    assert.equal(ground.heard('interface.configured').length, configured);

    // Another network.
    second.kill('SIGKILL');
    first.kill('SIGKILL');
    await ground.hostapd(accessPoint('wlan0', 'work', 11, key));
    await until('work', () => ground.addresses('wlan2').join() === '10.20.1.2/24', slow);
    assert.equal(ground.heard('wifi.connected').at(-1)!.id_str, 'at-work');
    assert.ok(await ground.transfers('10.20.1.1'));
    assert.ok(ground.heard('wifi.disconnected').some(({ id_str }) => id_str === 'at-home'));
    await ground.down('wlan2');
    await until('no supplicant', () => ground.supplicants().length === 0);
    assert.deepEqual(ground.addresses('wlan2'), []);
  });
});

/** Three radios that hear each other; two are of access points. */
async function air(): Promise<Ground> {
  const ground = new Ground();
  const move = (radio: string, namespace: string) => {
    const phy = readFileSync(`/sys/class/net/${radio}/phy80211/name`, 'utf8').trim();
    execFileSync(ground.path('iw'), ['phy', phy, 'set', 'netns', 'name', namespace]);
  };
  execFileSync('cp', ['/sys/class/net/wlan1/address', '/tmp/wlan1.address']);
  for (const radio of ['wlan0', 'wlan1']) move(radio, ground.far);
  move('wlan2', ground.near);
  return ground;
}

function radios(state: 'on' | 'off'): void {
  if (existsSync('/sys/module/mac80211_hwsim')) execFileSync('modprobe', ['-r', 'mac80211_hwsim']);
  if (state === 'off') return;
  execFileSync('modprobe', ['mac80211_hwsim', 'radios=3']);
  assert.ok(readdirSync('/sys/class/net').includes('wlan2'));
}
