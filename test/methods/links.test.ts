import assert from 'node:assert/strict';
import { needs } from '../setup.ts';
import { Ground, shells } from './ground.ts';

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
});

for (const shell of shells) {
  describe(`methods of links, under ${shell}`, () => {
    for (const name of ['manual', 'link']) {
      it(`${name} brings a link up with its options, changes nothing twice, and takes them back`, async () => {
        using ground = new Ground(shell);
        const before = ground.state();
        const options = { mtu: '1400', hwaddress: 'ether 02:00:00:00:00:0A' };
        ground.up(name, options);
        assert.ok(ground.isUp());
        const [link] = ground.json<{ mtu: number; address: string }>('link show dev near');
        assert.deepEqual([link?.mtu, link?.address], [1400, '02:00:00:00:00:0a']);
        assert.deepEqual(await ground.monitor(() => ground.up(name, options)), []);
        assert.match(
          ground.query(name, options),
          /^present link up\npresent hwaddress .*\npresent mtu 1400\n$/,
        );
        ground.down(name);
        assert.deepEqual(ground.state(), before);
      });
    }

    it('a random hardware address stays when the method runs again', () => {
      using ground = new Ground(shell);
      const address = () => ground.json<{ address: string }>('link show dev near')[0]?.address ?? '';
      ground.up('manual', { hwaddress: 'random' });
      const first = address();
      assert.match(first, /^.[26ae]:/);
      ground.up('manual', { hwaddress: 'random' });
      assert.equal(address(), first);
    });

    it('poweroff takes a link down, and back up again when it is taken back', async () => {
      using ground = new Ground(shell);
      ground.ip('link set near up');
      ground.up('poweroff');
      assert.ok(!ground.isUp());
      assert.deepEqual(await ground.monitor(() => ground.up('poweroff')), []);
      ground.down('poweroff');
      assert.ok(ground.isUp());
      ground.down('poweroff');
      ground.ip('link set near down');
      ground.up('poweroff');
      ground.down('poweroff');
      assert.ok(!ground.isUp());
    });

    it('loopback brings lo up, with its addresses, and back down', () => {
      using ground = new Ground(shell);
      ground.up('loopback', {}, { interface: 'lo' });
      assert.deepEqual(ground.addresses('lo'), ['127.0.0.1/8', '::1/128']);
      ground.up('loopback', {}, { interface: 'lo', family: 'inet6', handle: 'inet6' });
      assert.equal(ground.handleText('inet6'), undefined);
      ground.down('loopback', { interface: 'lo' });
      assert.ok(!ground.isUp('lo'));
    });

    it('auto asks for router advertisements, and puts the settings back', async () => {
      using ground = new Ground(shell);
      const before = ground.state();
      ground.sysctl('net/ipv6/conf/near/autoconf', '0');
      ground.up('auto', { privext: '2' }, { family: 'inet6' });
      const settings = ['accept_ra', 'autoconf', 'use_tempaddr'];
      const values = () => settings.map(name => ground.sysctl(`net/ipv6/conf/near/${name}`));
      assert.deepEqual(values(), ['2', '1', '2']);
      assert.deepEqual(
        await ground.monitor(() => ground.up('auto', { privext: '2' }, { family: 'inet6' })),
        [],
      );
      ground.down('auto', { family: 'inet6' });
      assert.deepEqual(values(), ['1', '0', '0']);
      ground.sysctl('net/ipv6/conf/near/autoconf', '1');
      assert.deepEqual(ground.state(), before);
    });
  });
}

describe('the method manual', () => {
  it('leaves it to scripts to make an interface that there is not yet', () => {
    using ground = new Ground();
    assert.equal(ground.up('manual', {}, { interface: 'later' }), '');
    assert.equal(ground.method('manual', 'up', { mtu: '1400' }, { interface: 'later' }).status, 1);
    assert.equal(ground.method('link', 'up', {}, { interface: 'later' }).status, 1);
  });

  it('leaves a link up that was up before', () => {
    using ground = new Ground();
    ground.ip('link set near up');
    ground.up('manual');
    ground.down('manual');
    assert.ok(ground.isUp());
  });
});
