import assert from 'node:assert/strict';
import { startDaemon, type TestDaemon } from '../../daemon.ts';
import { unpacked } from '../../debian-package.ts';
import { Folder } from '../../folder.ts';
import { Router } from '../../router.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';

describe('inet6 with a router that advertises', function () {
  this.timeout(60_000);
  let radvd = '';
  before(function () {
    this.timeout(120_000);
    needs(this, { root: true, programs: ['ip'] });
    radvd = unpacked(this, 'radvd');
  });

  /** A daemon with this stanza of `near`, and radvd behind its cable. */
  async function withRouter(stanza: string, work: (daemon: TestDaemon) => Promise<void>): Promise<void> {
    using folder = new Folder({ interfaces: stanza });
    const interfaces = { file: `${folder.path}/interfaces`, scripts: `${folder.path}/none` };
    const configuration = { netlink: { routerOptions: true }, plugins: { interfaces } };
    await using daemon = await startDaemon({ configuration: JSON.stringify(configuration) });
    daemon.ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
    await daemon.event('link.added', { interface: 'near' });
    await using _ = await Router.start(radvd, daemon.netns!, 'far');
    await work(daemon);
  }

  const up = async (daemon: TestDaemon) => {
    const { results } = await daemon.client.call('Up', { interface: 'near' });
    assert.equal(results![0]!.state, 'configured', JSON.stringify(results));
  };
  const addresses = (daemon: TestDaemon) =>
    daemon.ip('-6', '-o', 'address', 'show', 'dev', 'near', 'scope', 'global');
  const routes = (daemon: TestDaemon) => daemon.ip('-6', 'route', 'show', 'dev', 'near');

  it('auto has an address, a way out and a private address by it, and tells what else it says', () =>
    withRouter('iface near inet6 auto\n\tprivext 2\n', async daemon => {
      await up(daemon);
      await daemon.event('address.ready', {
        interface: 'near',
        where: ({ data }) => JSON.stringify(data).includes('2001:db8:77:'),
      });
      assert.match(routes(daemon), /^default via fe80::\S+ proto ra/m);
      await until('a temporary address', () => addresses(daemon).includes('temporary'));
      const options = () => JSON.stringify(daemon.events.filter(({ name }) => name === 'ra.option'));
      await until('the name server', () => options().includes('2001:db8:77::53'));
      await until('the search domain', () => options().includes('lab.test'));
      daemon.netconf('wait-online', '--interface', 'near', '--timeout', '20');
      await daemon.client.call('Down', { interface: 'near' });
      assert.deepEqual([addresses(daemon), routes(daemon)], ['', '']);
    }));

  it('static listens to it with accept_ra and autoconf, beside its own address', () =>
    withRouter(
      'iface near inet6 static\n\taddress 2001:db8::2/64\n\taccept_ra 2\n\tautoconf 1\n',
      async daemon => {
        await up(daemon);
        await until(
          'both',
          () => /2001:db8:77:/.test(addresses(daemon)) && /2001:db8::2\/64/.test(addresses(daemon)),
        );
        await until('the route', () => /^default via fe80::\S+ proto ra/m.test(routes(daemon)));
      },
    ));

  it('static has the way out alone with accept_ra, and nothing of it without', async () => {
    const stanza = (accept: number) =>
      `iface near inet6 static\n\taddress 2001:db8::2/64\n\taccept_ra ${accept}\n\tautoconf 0\n`;
    await withRouter(stanza(1), async daemon => {
      await up(daemon);
      await until('the route', () => /^default via fe80::\S+ proto ra/m.test(routes(daemon)));
      assert.doesNotMatch(addresses(daemon), /2001:db8:77:/);
    });
    await withRouter(stanza(0), async daemon => {
      await up(daemon);
      const heard = () => daemon.events.some(({ name }) => name === 'ra.option');
      // radvd speaks unasked, too: three seconds and a half without a route are long enough.
      await new Promise(resolve => setTimeout(resolve, 3500));
      assert.equal(heard(), false);
      assert.doesNotMatch(routes(daemon), /proto ra/);
      assert.doesNotMatch(addresses(daemon), /2001:db8:77:/);
    });
  });
});
