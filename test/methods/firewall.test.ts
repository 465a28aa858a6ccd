import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { needs } from '../setup.ts';
import { Ground, shells } from './ground.ts';

const table = { family: 'inet', name: 'netconf' };
const document = (prio: number) =>
  JSON.stringify({
    nftables: [
      { add: { table } },
      { delete: { table } },
      { add: { table } },
      {
        add: {
          chain: { family: 'inet', table: 'netconf', name: 'own', type: 'filter', hook: 'output', prio },
        },
      },
    ],
  });

describe('the method firewall', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'nft', 'busybox'] });
  });

  for (const shell of shells) {
    describe(`under ${shell}`, () => {
      let ground: Ground;
      let variables: Record<string, string>;

      beforeEach(() => {
        ground = new Ground(shell);
        const path = `${ground.directory}/table.json`;
        writeFileSync(path, document(0));
        variables = {
          FIREWALL_TABLE: path,
          FIREWALL_SETTINGS: 'net/ipv4/ip_forward 1\nnet/ipv6/conf/all/forwarding 1',
        };
      });
      afterEach(() => ground[Symbol.dispose]());

      const on = { interface: 'all' };
      const list = () => ground.exec('nft', '-a', 'list', 'ruleset');

      it('puts a table and settings in force, changes nothing the second time, and takes all of it back', () => {
        const settings = () =>
          ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding', 'net/ipv6/conf/near/accept_ra'].map(name =>
            ground.sysctl(name),
          );
        const before = settings();
        assert.match(
          ground.query('firewall', variables, on),
          /^missing table inet netconf\ndifferent sysctl net\/ipv4\/ip_forward 1: it is 0$/m,
        );
        assert.match(ground.up('firewall', variables, on), /^table inet netconf = \d+ rules$/m);
        assert.deepEqual(settings(), ['1', '1', '2']);
        const there = list();
        const handle = ground.handleText();
        assert.equal(ground.up('firewall', variables, on), '');
        assert.equal(list(), there);
        assert.equal(ground.handleText(), handle);
        assert.match(
          ground.query('firewall', variables, on),
          /^present table inet netconf\npresent sysctl /m,
        );
        ground.down('firewall', on);
        assert.equal(list(), '');
        assert.deepEqual(settings(), before);
        assert.equal(ground.handleText(), undefined);
        assert.equal(ground.down('firewall', on), '');
      });

      it('puts settings back that are not wanted any more, but for those that somebody has changed since', () => {
        ground.up('firewall', variables, on);
        ground.sysctl('net/ipv6/conf/near/accept_ra', '0');
        ground.up('firewall', { ...variables, FIREWALL_SETTINGS: 'net/ipv4/ip_forward 1' }, on);
        assert.equal(ground.sysctl('net/ipv6/conf/all/forwarding'), '0');
        assert.equal(ground.sysctl('net/ipv6/conf/near/accept_ra'), '0');
        assert.equal(ground.sysctl('net/ipv6/conf/default/accept_ra'), '1');
        assert.equal(ground.sysctl('net/ipv4/ip_forward'), '1');
      });

      it('leaves table and settings where nft refuses the new table, and says what it said', () => {
        ground.up('firewall', { ...variables, FIREWALL_SETTINGS: '' }, on);
        const there = list();
        writeFileSync(variables.FIREWALL_TABLE!, document(0).replace('output', 'nowhere'));
        const { status, stderr } = ground.method('firewall', 'up', variables, on);
        assert.equal(status, 1);
        assert.match(stderr, /^firewall: nft -j -f \S+: /);
        assert.equal(list(), there);
        assert.equal(ground.sysctl('net/ipv4/ip_forward'), '0');
      });

      it('believes nothing in a handle that is cut off, and no setting that leads elsewhere', () => {
        ground.writeHandle('+ table\n+ sysctl net/ipv4/../../kernel/panic 0 was 77\n+ sysctl net/ipv4/ip_fo');
        ground.up('firewall', variables, on);
        ground.down('firewall', on);
        assert.equal(list(), '');
        const bad = { ...variables, FIREWALL_SETTINGS: 'net/ipv4/../../kernel/panic 1' };
        assert.match(ground.method('firewall', 'up', bad, on).stderr, /is no setting/);
      });

      it('prints what it would do, and does nothing', () => {
        const printed = ground.up('firewall', { ...variables, NETCONF_DRY_RUN: '1' }, on);
        assert.match(printed, /^nft -j -f /m);
        assert.match(printed, /^sysctl -w net\/ipv4\/ip_forward=1$/m);
        assert.equal(list(), '');
        assert.equal(ground.sysctl('net/ipv4/ip_forward'), '0');
        assert.equal(ground.handleText(), undefined);
      });
    });
  }
});
