import assert from 'node:assert/strict';
import { optionsOf } from '../../../core/plugin/options-of.ts';
import { bondOptions, isBond, readBond, slavesIn } from '../../../plugins/bonding/options.ts';

function valuesOf(options: Record<string, string>, defaults: Record<string, string> = {}) {
  const of = (some: Record<string, string>, place: string) =>
    optionsOf({
      stanza: { family: 'inet', method: 'manual', step: 'Manual', options: Object.entries(some), place },
    });
  return bondOptions(of(options, 'interfaces:7'), of(defaults, 'plugins.bonding.defaults'));
}

const settingsOf = (options: Record<string, string>, defaults?: Record<string, string>) =>
  Object.fromEntries(readBond(valuesOf(options, defaults)).settings);

describe('the options of a bond', () => {
  it('have the names of ifenslave in both spellings, and their values as words or numbers', () => {
    const numbers = {
      bond_mode: '4',
      'BOND-Lacp-Rate': '1',
      bond_xmit_hash_policy: '2',
      bond_ad_select: '1',
    };
    assert.deepEqual(settingsOf(numbers), {
      mode: '802.3ad',
      lacp_rate: 'fast',
      xmit_hash_policy: 'layer2+3',
      ad_select: 'bandwidth',
    });
    assert.deepEqual(settingsOf({ 'bond-mode': '1', 'bond-num-unsol-na': '07' }), {
      mode: 'active-backup',
      num_grat_arp: '7',
    });
  });

  it('name slaves in an order, none, or all of Ethernet', () => {
    assert.deepEqual(slavesIn(valuesOf({ slaves: 'e1\n e0' })), ['e1', 'e0']);
    assert.deepEqual(slavesIn(valuesOf({ 'bond-members': 'e3' })), ['e3']);
    assert.deepEqual(slavesIn(valuesOf({ 'bond-slaves': 'none' })), []);
    assert.deepEqual(slavesIn(valuesOf({ 'bond-slaves': 'all' })), ['regex', 'eth.*', 'noregex']);
  });

  it('are those of the stanza, by whichever of their names, before those of the configuration', () => {
    const stanza = { family: 'inet', method: 'manual', step: 'Manual', place: 'interfaces:7' };
    const options = [
      ['slaves', 'e0'],
      ['bond-num-grat-arp', '3'],
      ['bond-slaves', 'e1', 'netconf.yaml:3:5'],
      ['bond-num-unsol-na', '5', 'netconf.yaml:4:5'],
      ['bond-miimon', '100', 'netconf.yaml:5:5'],
    ] as const;
    const values = optionsOf({ stanza: { ...stanza, options } });
    assert.deepEqual(slavesIn(values), ['e0']);
    const { slaves, settings } = readBond(bondOptions(values, new Map()));
    assert.deepEqual(slaves, ['e0']);
    assert.deepEqual(Object.fromEntries(settings), { num_grat_arp: '3', miimon: '100' });
  });

  it('make a bond of what names a mode or slaves, and of nothing else', () => {
    assert.equal(isBond(valuesOf({ 'bond-mode': '1' })), true);
    assert.equal(isBond(valuesOf({ 'bond-slaves': 'none' })), true);
    assert.equal(isBond(valuesOf({ 'bond-miimon': '100' })), false);
    assert.equal(isBond(valuesOf({ 'bond-slaves': 'e0', 'bond-master': 'bond0' })), false);
  });

  it('come from defaults where a bond says nothing', () => {
    assert.deepEqual(
      settingsOf({ 'bond-mode': '1', 'bond-miimon': '50' }, { bond_miimon: '100', 'bond-min-links': '1' }),
      {
        mode: 'active-backup',
        miimon: '50',
        min_links: '1',
      },
    );
  });

  it('are refused with file and line, and what was expected', () => {
    const bad: [options: Record<string, string>, message: RegExp][] = [
      [
        { 'bond-mode': 'fast' },
        /^Error: interfaces:7: bond-mode 'fast': expected one of balance-rr, active-backup/,
      ],
      [{ 'bond-mode': '7' }, /bond-mode '7'/],
      [
        { 'bond-miimon': '-1' },
        /bond-miimon '-1': expected a whole number from 0 to 2147483647 milliseconds/,
      ],
      [{ 'bond-miimon': '99999999999' }, /bond-miimon/],
      [{ 'bond-mimon': '100' }, /interfaces:7: there is no option bond-mimon/],
      [{ 'bond-updelay': '100' }, /bond-updelay: expected bond-miimon beside it/],
      [{ 'bond-arp-interval': '100' }, /bond-arp-interval: expected bond-arp-ip-target beside it/],
      [
        { 'bond-arp-interval': '100', 'bond-arp-ip-target': '192.0.2.1', 'bond-miimon': '100' },
        /bond-arp-interval: expected either this or bond-miimon/,
      ],
      [{ 'bond-arp-ip-target': '192.0.2.1 +192.0.2.2' }, /expected up to 16 IPv4 addresses/],
      [{ 'bond-lacp-rate': 'fast' }, /bond-lacp-rate: belongs to the mode 802.3ad; the mode is balance-rr/],
      [
        { 'bond-mode': '4', 'bond-primary': 'e0' },
        /bond-primary: belongs to the mode active-backup, .*; the mode is 802/,
      ],
      [{ 'bond-queue-id': 'e0:x' }, /bond-queue-id 'e0:x': expected SLAVE:NUMBER/],
      [{ 'bond-xmit-hash-policy': 'layer3+4; reboot' }, /expected one of layer2/],
    ];
    for (const [options, message] of bad)
      assert.throws(() => readBond(valuesOf({ 'bond-slaves': 'none', ...options })), message);
  });
});
