import assert from 'node:assert/strict';
import { startDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { masqueradingOnly, textOf } from './examples.ts';
import { Lab } from './lab.ts';

/** Who is where, in either family. */
const plans = {
  4: {
    router: '10.0.0.2',
    client: '10.0.0.7',
    mask: 24,
    host: 32,
    internal: '10.0.0.0/24',
    given: ['203.0.113.9', '203.0.113.77'],
    provider: '203.0.113.1',
    server: '198.51.100.80',
    stranger: '192.0.2.99',
    any: '0.0.0.0',
  },
  6: {
    router: 'fd00:0:0:a::2',
    client: 'fd00:0:0:a::7',
    mask: 64,
    host: 128,
    internal: 'fd00:0:0:a::/64',
    given: ['2001:db8:203::9', '2001:db8:203::77'],
    provider: '2001:db8:203::1',
    server: '2001:db8:100::80',
    stranger: '2001:db8:bad::99',
    any: '::',
  },
} as const;

/** A link without neighbours, as that of a dial-up connection: whatever is sent by it is for the other end. */
function dial(lab: Lab, plan: (typeof plans)[4 | 6], own: string): void {
  const address = 'address 02:00:00:00:00:01';
  lab.ip('router', `link add ppp0 ${address} type veth peer name e0 ${address} netns ${lab.ns('provider')}`);
  for (const [host, link] of [
    ['provider', 'e0'],
    ['router', 'ppp0'],
  ] as const) {
    lab.ip(host, `link set ${link} arp off`);
    lab.ip(host, `link set ${link} up`);
  }
  lab.ip('provider', `address add ${plan.provider} peer ${own} dev e0`);
  // So that nothing but the router keeps it away from there.
  lab.ip('provider', `route add ${plan.internal} dev e0`);
  lab.ip('router', `address add ${own} peer ${plan.provider} dev ppp0`);
}

describe('the example of the proposal that only masquerades', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'nft', 'tcpdump'] });
  });

  for (const family of [4, 6] as const)
    for (const how of ['by its text', 'by the configuration'])
      describe(`over IPv${family}, ${how}`, () => {
        const plan = plans[family];
        const [first, second] = plan.given;
        const folder = new Folder({ 'network.conf': textOf(family === 4 ? 'dialout' : 'dialout6') });
        let lab: Lab;
        let daemon: Awaited<ReturnType<typeof startDaemon>>;

        before(async () => {
          lab = new Lab();
          const isText = how === 'by its text';
          const own = isText ? [] : [`${plan.router}/${plan.mask}`];
          lab.cable(['router', 'eth0', ...own], ['client', 'e0', `${plan.client}/${plan.mask}`]);
          lab.ip('client', `route add default via ${plan.router}`);
          lab.ip('provider', `address add ${plan.server}/${plan.host} dev lo`);
          const plugins = isText
            ? { 'network-file': { file: `${folder.path}/network.conf` } }
            : { firewall: masqueradingOnly(family) };
          daemon = await startDaemon({
            netns: lab.ns('router'),
            configuration: JSON.stringify({ plugins: { ...plugins, interfaces: false } }),
          });
          if (isText) await daemon.event('interface.configured', { interface: 'eth0' });
          dial(lab, plan, first);
          if (!isText) lab.ip('router', `-${family} route add default dev ppp0`);
          const ways = () => lab.ip('router', `-${family} route show default`);
          await until('the default route', () => ways().includes('default dev ppp0'));
          await lab.host('provider').listen(443);
          await lab.host('provider').listen(9, 'udp', plan.server);
        });

        after(async () => {
          await daemon?.stop();
          await lab?.[Symbol.asyncDispose]();
          folder[Symbol.dispose]();
        });

        it('masquerades what is inside behind the address that comes with the link, and with the next one', async () => {
          const server = { host: plan.server, port: 443 };
          assert.equal((await lab.host('client').connect(server)).from, first);
          const lookup = { ...server, port: 9, protocol: 'udp' } as const;
          assert.equal((await lab.host('client').connect(lookup)).from, first);
          lab.ip('router', 'link delete ppp0');
          await daemon.event('link.removed', { interface: 'ppp0' });
          dial(lab, plan, second);
          if (how !== 'by its text') lab.ip('router', `-${family} route add default dev ppp0`);
          await until(
            'the next connection',
            async () => (await lab.host('client').connect(server)).from === second,
          );
        });

        it('tells the client what is refused outside, by ICMP under its own address', async () => {
          // Else one a second.
          lab.sysctl('provider', 'net/ipv6/icmp/ratelimit', '0');
          const asked = { host: plan.server, port: 7 };
          assert.equal((await lab.host('client').connect(asked)).error, 'ECONNREFUSED');
          const heard = await lab.refusals('client', /udp port 7/, () =>
            lab.host('client').connect({ ...asked, protocol: 'udp' }),
          );
          assert.match(heard, new RegExp(`${plan.server} > ${plan.client}: .*${plan.server} udp port 7`));
        });

        it('lets nobody outside reach what is inside, and says nothing of it', async () => {
          await lab.host('client').listen(7);
          await lab.host('client').listen(7, 'udp', plan.any);
          // It is there for its neighbour.
          assert.equal((await lab.host('router').connect({ host: plan.client, port: 7 })).to, plan.client);
          const heard = await lab.refusals('provider', /port 7/, async () => {
            for (const protocol of ['tcp', 'udp'] as const) {
              const asked = { host: plan.client, port: 7, protocol };
              assert.equal((await lab.host('provider').connect(asked)).error, 'timeout', protocol);
            }
          });
          assert.equal(heard.trim(), '');
          assert.deepEqual(await lab.host('client').heard(), []);
        });

        it('drops what comes from an address that is elsewhere, on either side', async () => {
          await lab.host('router').listen(9, 'udp', plan.any);
          const { client, stranger, host, provider } = plan;
          lab.ip('provider', `address add ${client.replace(/7$/, '99')}/${host} dev lo`);
          const router = { host: second, port: 9, protocol: 'udp' } as const;
          await lab.host('provider').connect({ ...router, from: client.replace(/7$/, '99') });
          assert.equal((await lab.host('provider').connect({ ...router, from: provider })).from, provider);
          assert.deepEqual(await lab.host('router').heard(), [provider]);

          const before = await lab.host('provider').heard();
          lab.ip('client', `address add ${stranger}/${host} dev lo`);
          const server = { host: plan.server, port: 9, protocol: 'udp' } as const;
          await lab.host('client').connect({ ...server, from: stranger });
          assert.equal((await lab.host('client').connect({ ...server, from: client })).from, second);
          assert.deepEqual(await lab.host('provider').heard(), [...before, second]);
        });

        it('has a router that reaches the world, and is reached', async () => {
          await lab.host('router').listen(22);
          assert.equal((await lab.host('router').connect({ host: plan.server, port: 443 })).from, second);
          for (const host of ['client', 'provider'])
            assert.equal((await lab.host(host).connect({ host: second, port: 22 })).to, second, host);
        });
      });
});
