import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { has, needs } from '../setup.ts';
import { Ground, shells } from './ground.ts';

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox', 'nft'] });
});

for (const shell of shells) {
  describe(`the method tun, under ${shell}`, () => {
    const own = { interface: 'tun3' };

    it('makes a device that stays, finds it again under any name, and takes back no other', () => {
      using ground = new Ground(shell);
      ground.up('tun', {}, own);
      const made = ground.handleText();
      ground.up('tun', {}, own);
      assert.equal(ground.handleText(), made);
      assert.equal(ground.query('tun', {}, own), 'present device tun3\n');
      ground.ip('link set tun3 name other');
      ground.down('tun', own);
      assert.doesNotMatch(ground.ip('link show'), /other/);
      assert.equal(ground.handleText(), undefined);
      ground.ip('tuntap add dev tun3 mode tun');
      ground.up('tun', {}, own);
      ground.down('tun', own);
      assert.match(ground.ip('link show'), /tun3/);
      for (const text of ['made 1\n', 'made 9; reboot\n', 'mak', '\n\0\n']) {
        ground.writeHandle(text);
        ground.down('tun', own);
        assert.match(ground.ip('link show'), /tun3/, text);
      }
    });

    it('refuses a link that is none, and words that are none', () => {
      using ground = new Ground(shell);
      assert.match(ground.method('tun', 'up').stderr, /near: there is a link of this name already/);
      assert.match(ground.method('tun', 'up', { kind: 'tin' }, own).stderr, /'tin' is neither tun nor tap/);
      assert.match(ground.method('tun', 'up', {}, { interface: 'a b' }).stderr, /no name/);
      assert.equal(ground.up('tun', { NETCONF_DRY_RUN: '1' }, own), 'ip tuntap add dev tun3 mode tun\n');
      assert.equal(ground.handleText(), undefined);
    });
  });

  describe(`the method full-tunnel, under ${shell}`, () => {
    const wanted = { table: '28259', servers: '192.0.2.1\n192.0.2.2' };
    const rules = (ground: Ground, family = 'inet') =>
      ground
        .exec('ip', '-N', '-f', family, 'rule', 'show')
        .split('\n')
        .filter(line => line.includes('proto 110'))
        .map(line => line.replace(/\s+/g, ' ').trim());

    it('adds rules once, changes what has changed, and takes back its own', () => {
      using ground = new Ground(shell);
      ground.up('full-tunnel', wanted);
      const text = ground.handleText();
      ground.up('full-tunnel', wanted);
      assert.equal(ground.handleText(), text);
      assert.deepEqual(rules(ground), [
        '28257: from all to 192.0.2.1 lookup 254 proto 110',
        '28257: from all to 192.0.2.2 lookup 254 proto 110',
        '28258: from all lookup 254 suppress_prefixlength 0 proto 110',
        '28259: from all lookup 28259 proto 110',
      ]);
      ground.exec('ip', 'rule', 'add', 'priority', '28257', 'to', '192.0.2.9', 'lookup', 'main');
      ground.up('full-tunnel', { ...wanted, servers: '192.0.2.2' });
      assert.equal(rules(ground).length, 3);
      assert.match(ground.query('full-tunnel', wanted), /^missing rule 28257:.*192\.0\.2\.1/);
      ground.down('full-tunnel');
      assert.deepEqual(rules(ground), []);
      assert.match(ground.exec('ip', 'rule', 'show'), /192\.0\.2\.9/);
    });

    it('does the same for IPv6, and refuses what is no table or address', () => {
      using ground = new Ground(shell);
      const six = { family: 'inet6' };
      ground.up('full-tunnel', { table: '28259', servers: '2001:DB8::1' }, six);
      assert.match(rules(ground, 'inet6')[0]!, /to 2001:db8::1 lookup 254/);
      ground.down('full-tunnel', six);
      assert.deepEqual(rules(ground, 'inet6'), []);
      assert.match(ground.method('full-tunnel', 'up', { table: '254' }).stderr, /a table of the kernel/);
      assert.match(
        ground.method('full-tunnel', 'up', { ...wanted, servers: 'fe80::1; x' }).stderr,
        /option servers: 'fe80::1;' is no inet address/,
      );
      assert.deepEqual(rules(ground), []);
    });
  });

  describe(`the method guard, under ${shell}`, () => {
    const wanted = { links: 'near', marks: '28259', allow: 'dns\n192.0.2.0/24 udp 123' };
    const ruleset = (ground: Ground) => ground.exec('nft', 'list', 'ruleset');

    it('makes its table in one transaction, once, mends it where somebody has changed it, and takes it away', () => {
      using ground = new Ground(shell);
      ground.up('guard', wanted);
      ground.exec('nft', 'add', 'counter', 'inet', 'netconf-guard', 'witness');
      assert.equal(ground.query('guard', wanted), 'different table inet netconf-guard\n');
      ground.up('guard', wanted);
      assert.doesNotMatch(ruleset(ground), /witness/);
      const before = ground.exec('nft', '-a', 'list', 'ruleset');
      ground.up('guard', wanted);
      assert.equal(ground.exec('nft', '-a', 'list', 'ruleset'), before);
      assert.equal(ground.query('guard', wanted), 'present table inet netconf-guard\n');
      ground.exec('nft', 'add', 'table', 'inet', 'theirs');
      ground.down('guard');
      assert.deepEqual([ruleset(ground).trim(), ground.handleText()], ['table inet theirs {\n}', undefined]);
      ground.down('guard');
    });

    it('has worked where its handle cannot be written, as on a full /run', () => {
      using ground = new Ground(shell);
      mkdirSync(ground.handle());
      for (const links of ['near', 'near other']) {
        const { status, stderr } = ground.method('guard', 'up', { ...wanted, links });
        assert.deepEqual([status, stderr], [0, '']);
        assert.equal(ruleset(ground).includes('other'), links.includes('other'));
      }
    });

    it('refuses values that are none, and changes nothing then', () => {
      using ground = new Ground(shell);
      ground.up('guard', wanted);
      const before = ruleset(ground);
      for (const [own, message] of [
        [{ links: 'near"; flush ruleset' }, /option links: 'near";' is no name of a link/],
        [{ links: '' }, /option links: is missing/],
        [{ marks: '0' }, /option marks/],
        [{ allow: 'any' }, /option allow: 'any' is everything/],
        [{ allow: '192.0.2.1 icmp' }, /option allow/],
        [{ allow: '192.0.2.1/33' }, /option allow/],
        [{ allow: '192.0.2.1 udp 70000' }, /option allow/],
        [{ endpoints: '$(reboot)' }, /option allow/],
        [{ open: 'maybe' }, /option open/],
      ] as const) {
        const { status, stderr } = ground.method('guard', 'up', { ...wanted, ...own });
        assert.equal(status, 1, JSON.stringify(own));
        assert.match(stderr, message);
      }
      assert.equal(ruleset(ground), before);
    });
  });

  describe(`the method wireguard, under ${shell}`, () => {
    it('names the module where the kernel has none, and leaves nothing; prints its commands without a key', function () {
      if (!has('wg')) needs(this, { programs: ['wg'] });
      using ground = new Ground(shell);
      const config = ground.handle('wg0.conf');
      writeFileSync(config, '[Interface]\nPrivateKey = c2VjcmV0\n');
      const own = { interface: 'wg0' };
      assert.equal(
        ground.up('wireguard', { config, NETCONF_DRY_RUN: '1' }, own),
        `ip link add dev wg0 type wireguard\nwg syncconf wg0 ${config}\n`,
      );
      assert.match(ground.method('wireguard', 'up', { config: 'wg0.conf' }, own).stderr, /no absolute path/);
      assert.match(
        ground.method('wireguard', 'up', { config }).stderr,
        /near: there is a link of this name already/,
      );
      const { status, stderr } = ground.method('wireguard', 'up', { config }, own);
      if (status === 0) {
        ground.down('wireguard', own);
        return;
      }
      assert.match(stderr, /wg0: this kernel has no module wireguard/);
      assert.equal(ground.handleText(), undefined);
    });
  });
}
