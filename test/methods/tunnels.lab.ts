import assert from 'node:assert/strict';
import { Ground, shells } from './ground.ts';
import { cases } from './tunnel-cases.ts';

for (const shell of shells) {
  describe(`tunnels of the kernel, under ${shell}`, () => {
    // Each run takes seconds there: what a shell makes of a method is seen with two of them.
    const some = shell === 'dash' ? cases : cases.slice(1, 3);
    for (const { title, method, family, options } of some) {
      const extra = { interface: 'tun9', family };

      it(`${title}: made, changed in place, and deleted`, async function () {
        this.timeout(60_000);
        using ground = new Ground(shell);
        ground.ip('link set near up');
        ground.ip('address add 192.0.2.2/24 dev near');
        ground.ip('address add 2001:db8::2/64 dev near');
        ground.up(method, options, extra);
        assert.deepEqual(await ground.monitor(() => ground.up(method, options, extra)), []);
        for (const line of ground.query(method, options, extra).trim().split('\n'))
          assert.match(line, /^present /);
        const [before] = ground.json<{ ifindex: number }>('link show dev tun9');
        ground.up(method, { ...options, ttl: '33' }, extra);
        const [after] = ground.json<{ ifindex: number }>('link show dev tun9');
        assert.equal(after?.ifindex, before?.ifindex);
        assert.match(ground.ip('-d link show dev tun9'), /(ttl|hoplimit) 33/);
        assert.equal(ground.down(method, extra), '');
        assert.throws(() => ground.ip('link show dev tun9'));
        assert.equal(ground.handleText(), undefined);
      });
    }

    it('become another kind when that is declared', function () {
      this.timeout(60_000);
      using ground = new Ground(shell);
      const options = { mode: 'gre', endpoint: '192.0.2.9', address: '10.0.0.1/30', gateway: '10.0.0.2' };
      ground.up('tunnel', options, { interface: 'tun9' });
      ground.up('tunnel', { ...options, mode: 'ipip' }, { interface: 'tun9' });
      assert.match(ground.ip('link show dev tun9'), /link\/ipip/);
      assert.deepEqual(ground.addresses('tun9'), ['10.0.0.1/30']);
      assert.deepEqual(ground.routes(), ['default via 10.0.0.2 dev tun9 proto 110']);
      ground.down('tunnel', { interface: 'tun9' });
      assert.throws(() => ground.ip('link show dev tun9'));
    });
  });
}
