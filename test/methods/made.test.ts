import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../setup.ts';
import { common } from './builds.ts';
import { cutOff, state } from './cut-off.ts';
import { Ground, shells } from './ground.ts';

const bridge = { SETTINGS: 'forward_delay 400\nstp_state 0\nhello_time 300', UP: '1', STANZA: 'inet-manual' };
const port = { MEMBER: 'near', MTU: '1400', SETTINGS: 'cost 7\npriority 9' };
const on = { interface: 'br0', handle: 'bridge' };
const member = { interface: 'br0', handle: 'port-near' };

cutOff(common);

for (const shell of shells) {
  describe(`methods that make links, under ${shell}`, function () {
    this.timeout(120_000);
    before(function () {
      needs(this, { root: true, programs: ['ip', ...shell.split(' ').slice(0, 1)] });
    });

    it('change nothing the second time, and say in query what there is', async () => {
      using ground = new Ground(shell);
      ground.up('bridge', bridge, on);
      ground.up('bridge-port', port, member);
      const said = await ground.monitor(() => {
        ground.up('bridge', bridge, on);
        ground.up('bridge-port', port, member);
      });
      assert.deepEqual(said, []);
      assert.equal(
        ground.query('bridge', bridge, on),
        'present forward_delay 400\npresent stp_state 0\npresent hello_time 300\n',
      );
      assert.equal(
        ground.query('bridge-port', port, member),
        'present port near\npresent cost 7\npresent priority 9\n',
      );
    });

    it('keep the link until the last stanza that wants it has gone', () => {
      using ground = new Ground(shell);
      const with6 = { ...bridge, STANZA: 'inet6-manual' };
      ground.up('bridge', bridge, on);
      ground.up('bridge', with6, on);
      assert.equal(ground.method('bridge', 'down', { STANZA: 'inet6-manual' }, on).status, 0);
      assert.match(ground.ip('link'), /br0/);
      assert.equal(ground.method('bridge', 'down', { STANZA: 'inet-manual' }, on).status, 0);
      assert.doesNotMatch(ground.ip('link'), /br0/);
    });

    it('only print what they would do in a dry run', () => {
      using ground = new Ground(shell);
      const before = state(ground);
      const dry = { NETCONF_DRY_RUN: '1' };
      const said =
        ground.up('bridge', { ...bridge, ...dry }, on) +
        ground.up('bridge-port', { ...port, ...dry }, member);
      assert.match(said, /^ip link add name br0 type bridge$/m);
      assert.match(said, /^ip link set dev near master br0$/m);
      assert.deepEqual(state(ground), before);
      assert.equal(ground.handleText(on.handle), undefined);
    });

    it('let no value become a command, an option or a path', () => {
      using ground = new Ground(shell);
      const before = state(ground);
      const file = join(ground.directory, 'made');
      const bad: [method: string, variables: Record<string, string>, interface_: string][] = [
        ['bridge', { SETTINGS: `forward_delay $(touch ${file})` }, 'br0'],
        ['bridge', { SETTINGS: `forward_delay \`touch\${IFS}${file}\`` }, 'br0'],
        ['bridge', { ADDRESS: `;touch ${file}` }, 'br0'],
        ['bridge', {}, '-batch'],
        ['bridge', {}, `../../${file}`],
        ['bridge-port', { MEMBER: '-force' }, 'br0'],
        ['bridge-port', { MEMBER: 'near\nlo' }, 'br0'],
        ['macvlan', { PARENT: 'near;x', KIND_MODE: 'bridge' }, 'mv0'],
        ['macvlan', { PARENT: 'near', KIND_MODE: 'bridge address' }, 'mv0'],
        ['settings', { SYSCTLS: '../../../kernel/panic 1' }, 'near'],
        ['vlan', { PARENT: 'near', ID: '5 proto' }, 'near.5'],
      ];
      for (const [method, variables, name] of bad) {
        const result = ground.method(method, 'up', variables, { interface: name, handle: method });
        assert.notEqual(result.status, 0, `${method} ${JSON.stringify(variables)}`);
        assert.notEqual(result.stderr, '');
        ground.method(method, 'down', variables, { interface: name, handle: method });
        assert.equal(existsSync(file), false);
        assert.deepEqual(state(ground), before);
      }
    });

    it('believe no handle that tells of another link', () => {
      using ground = new Ground(shell);
      ground.ip('link add br0 type bridge');
      writeFileSync(ground.handle(on.handle), 'for inet-manual\nmade\nmade 4711\n');
      assert.equal(ground.method('bridge', 'down', { STANZA: 'inet-manual' }, on).status, 0);
      assert.match(ground.ip('link'), /br0/);
      ground.ip('link set near master br0');
      writeFileSync(ground.handle(member.handle), 'member 4711\nup\nmtu 1500 was 1200\n');
      assert.equal(ground.method('bridge-port', 'down', { MEMBER: 'near' }, member).status, 0);
      assert.match(ground.ip('link show near'), /mtu 1500 .*master br0/);
    });

    it('set and put back what Debian’s package vlan sets, unless somebody has changed it since', () => {
      using ground = new Ground(shell);
      const file = 'net/ipv4/conf/near/proxy_arp';
      const values = { ADDRESS: '02:00:00:00:00:09', SYSCTLS: 'proxy_arp 1\nrp_filter 2' };
      const [address] = ground.json<{ address: string }>('link show near').map(link => link.address);
      ground.up('settings', values);
      assert.equal(ground.sysctl(file), '1');
      assert.match(readFileSync(ground.handle(), 'utf8'), /^sysctl proxy_arp 1 was 0$/m);
      ground.sysctl('net/ipv4/conf/near/rp_filter', '1');
      ground.down('settings');
      assert.equal(ground.sysctl(file), '0');
      assert.equal(ground.sysctl('net/ipv4/conf/near/rp_filter'), '1');
      assert.deepEqual(
        ground.json<{ address: string }>('link show near').map(link => link.address),
        [address],
      );
    });
  });
}
