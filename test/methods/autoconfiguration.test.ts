import assert from 'node:assert/strict';
import { unpacked } from '../debian-package.ts';
import { Router } from '../router.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';
import { Ground, shells } from './ground.ts';

before(function () {
  this.timeout(120_000);
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
  radvd = unpacked(this, 'radvd');
});

let radvd = '';

/** A ground whose far end is a router, with radvd in a namespace of its own; `stop` ends it without a last word. */
async function withRouter(
  shell: string,
  work: (ground: Ground, stop: () => Promise<void>) => Promise<void>,
): Promise<void> {
  using ground = new Ground(shell);
  await using router = await Router.start(radvd, ground.name, 'far');
  await work(ground, () => router.stop());
}

const addresses = (ground: Ground) => ground.ip('-6 address show dev near scope global');
const advertised = (ground: Ground) => until('an address', () => addresses(ground).includes('2001:db8:77:'));

for (const shell of shells) {
  describe(`autoconfiguration of IPv6, under ${shell}`, function () {
    this.timeout(60_000);

    it('goes with the link that auto brought up', () =>
      withRouter(shell, async ground => {
        ground.up('auto', {}, { family: 'inet6' });
        await advertised(ground);
        assert.match(ground.ip('-6 route show default'), /proto ra/);
        assert.equal(ground.down('auto', { family: 'inet6' }), '');
        assert.ok(!ground.isUp());
        assert.equal(addresses(ground), '');
      }));

    it('goes with auto where the link stays up for others', () =>
      withRouter(shell, async (ground, stop) => {
        ground.up('auto', { privext: '2' }, { family: 'inet6' });
        await advertised(ground);
        ground.ip('address add 192.0.2.7/24 dev near');
        await stop();
        assert.match(
          ground.down('auto', { family: 'inet6' }),
          /^near stays up: it carries 192\.0\.2\.7\/24,/,
        );
        assert.equal(addresses(ground), '');
        assert.equal(ground.ip('-6 route show default'), '');
      }));

    it('ends where static says so, addresses that came already included', () =>
      withRouter(shell, async ground => {
        ground.ip('link set near up');
        await advertised(ground);
        ground.up('static', { address: '2001:db8::2/64', METHOD: 'static' }, { family: 'inet6' });
        assert.doesNotMatch(addresses(ground), /2001:db8:77:/);
        assert.deepEqual(ground.addresses(), ['2001:db8::2/64']);
      }));

    it('stays beside the addresses of a lease', () =>
      withRouter(shell, async ground => {
        ground.ip('link set near up');
        await advertised(ground);
        ground.up('static', { address: '2001:db8::2/128', METHOD: 'dhcp' }, { family: 'inet6' });
        assert.match(addresses(ground), /2001:db8:77:/);
        ground.down('static', { family: 'inet6' });
        assert.match(addresses(ground), /2001:db8:77:/);
      }));
  });
}

describe('a link-local address', () => {
  it('of the kernel keeps no link up, one of an administrator does', () => {
    using ground = new Ground();
    ground.up('static', { address: '2001:db8::2/64' }, { family: 'inet6' });
    ground.ip('address add fe80::77/64 dev near');
    assert.match(ground.down('static', { family: 'inet6' }), /^near stays up: it carries fe80::77\/64,/);
    assert.ok(ground.isUp());
    ground.ip('address delete fe80::77/64 dev near');
    assert.equal(ground.down('static', { family: 'inet6' }), '');
    assert.ok(!ground.isUp());
  });
});
