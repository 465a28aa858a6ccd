import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { startDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { configurationOf, homeNetwork, textOf } from './examples.ts';
import { Lab } from './lab.ts';

const everywhere = '/proc/sys/net/netfilter/nf_log_all_netns';

/** Who is where, in either family. */
const plans = {
  4: {
    router: '10.0.0.4',
    client: '10.0.0.7',
    ftp: '10.0.0.24',
    outside: '193.170.191.36',
    provider: '193.170.191.33',
    server: '198.51.100.80',
    untrusted: '192.168.1.50',
    toUntrusted: '192.168.1.34',
    dialer: '10.0.2.2',
    toDialer: '10.0.2.1',
    guest: '10.0.1.9',
    toGuest: '10.0.1.1',
    stranger: '10.0.0.99',
    masks: { internal: 24, untrusted: 23, isdn: 28, dialin: 28, host: 32 },
  },
  6: {
    router: 'fd00:0:0:a::4',
    client: 'fd00:0:0:a::7',
    ftp: 'fd00:0:0:a::24',
    outside: '2001:db8:191::36',
    provider: '2001:db8:191::33',
    server: '2001:db8:100::80',
    untrusted: 'fd00:0:0:b::50',
    toUntrusted: 'fd00:0:0:b::34',
    dialer: 'fd00:0:0:d::2',
    toDialer: 'fd00:0:0:d::1',
    guest: 'fd00:0:0:c::9',
    toGuest: 'fd00:0:0:c::1',
    stranger: 'fd00:0:0:a::99',
    masks: { internal: 64, untrusted: 64, isdn: 64, dialin: 64, host: 128 },
  },
} as const;

type Plan = (typeof plans)[4 | 6];

/** Links are there and configured already: no operation is to begin. */
const still = `export default {
  name: 'still',
  apply(netconf) {
    netconf.hooks.declared.tap({ name: 'nothing', stage: 1000 }, () => []);
  },
};`;

function build(lab: Lab, plan: Plan): void {
  const { masks } = plan;
  lab.segment(
    'lan',
    ['router', 'eth0', `${plan.router}/${masks.internal}`],
    ['client', 'e0', `${plan.client}/${masks.internal}`],
    ['ftp', 'e0', `${plan.ftp}/${masks.internal}`],
  );
  lab.cable(
    ['router', 'eth1', `${plan.toUntrusted}/${masks.untrusted}`],
    ['untrusted', 'e0', `${plan.untrusted}/${masks.untrusted}`],
  );
  lab.cable(
    ['router', 'vmnet0', `${plan.toGuest}/${masks.internal}`],
    ['guest', 'e0', `${plan.guest}/${masks.internal}`],
  );
  lab.cable(
    ['router', 'isdn0', `${plan.outside}/${masks.isdn}`],
    ['provider', 'e0', `${plan.provider}/${masks.isdn}`],
  );
  lab.cable(
    ['router', 'ppp0', `${plan.toDialer}/${masks.dialin}`],
    ['dialer', 'e0', `${plan.dialer}/${masks.dialin}`],
  );
  lab.ip('provider', `address add ${plan.server}/${masks.host} dev lo`);
  lab.ip('router', `route add default via ${plan.provider}`);
  for (const [host, via] of [
    ['client', plan.router],
    ['ftp', plan.router],
    ['untrusted', plan.toUntrusted],
    ['guest', plan.toGuest],
    ['dialer', plan.toDialer],
  ] as const)
    lab.ip(host, `route add default via ${via}`);
}

describe('the home network of the proposal', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'nft', 'python3', 'tcpdump'] });
  });

  for (const [family, how] of [
    [4, 'by its text'],
    [4, 'by the configuration'],
    [6, 'by its text'],
    [6, 'by the configuration'],
  ] as const) {
    describe(`over IPv${family}, ${how}`, () => {
      const plan = plans[family];
      const folder = new Folder();
      let lab: Lab;
      let daemon: Awaited<ReturnType<typeof startDaemon>>;

      before(async () => {
        lab = new Lab();
        build(lab, plan);
        const netns = lab.ns('router');
        const file = folder.write('network.conf', textOf(family === 4 ? 'home' : 'home6'));
        const fromText = JSON.stringify({ plugins: { 'network-file': { file }, interfaces: false } });
        const configuration = how === 'by its text' ? fromText : configurationOf(homeNetwork(family));
        daemon = await startDaemon({ netns, configuration, plugins: { 'still.mjs': still } });
      });

      after(async () => {
        await daemon?.stop();
        await lab?.[Symbol.asyncDispose]();
        folder[Symbol.dispose]();
      });

      it('has rules in force when the daemon is ready', () => {
        const names = daemon.events.map(({ name }) => name);
        assert.ok(names.indexOf('firewall.applied') < names.indexOf('daemon.ready'), names.join(' '));
        assert.match(lab.exec('router', 'nft', 'list', 'table', 'inet', 'netconf'), /chain forwarding/);
      });

      it('masquerades the internal network and dial-ins to the internet', async () => {
        await lab.host('provider').listen(443);
        for (const host of ['client', 'dialer']) {
          const answer = await lab.host(host).connect({ host: plan.server, port: 443 });
          assert.equal(answer.from, plan.outside, host);
        }
      });

      it('does www access over the proxy on the router', async () => {
        await lab.host('router').listen(8080);
        await lab.host('provider').listen(80);
        const { from, to, port } = await lab.host('client').connect({ host: plan.server, port: 80 });
        assert.deepEqual({ from, to, port }, { from: plan.client, to: plan.router, port: 8080 });
        // Of others, not: of the router itself neither, or the proxy would ask itself.
        assert.equal((await lab.host('dialer').connect({ host: plan.server, port: 80 })).port, 80);
        assert.equal((await lab.host('router').connect({ host: plan.server, port: 80 })).port, 80);
      });

      it('forwards FTP to the internal server', async () => {
        await lab.host('ftp').ftp(21, 'what the file says');
        // Data come by a connection of their own, whose address the server tells: from inside.
        const script = [
          'import ftplib',
          `ftp = ftplib.FTP("${plan.outside}", timeout=5, source_address=("${plan.server}", 0))`,
          'ftp.trust_server_pasv_ipv4_address = True',
          'ftp.login()',
          'ftp.retrbinary("RETR file", lambda data: print(data.decode()))',
        ].join('\n');
        assert.equal(lab.exec('provider', 'python3', '-c', script), 'what the file says\n');
      });

      it('forwards FTP of those beside the server, too, who get their answers from where they asked', async () => {
        const answer = await lab.host('client').connect({ host: plan.outside, port: 21 });
        assert.match(answer.text ?? answer.error ?? '', /^220 /);
      });

      it('rejects what dial-ins want of the internal network, with ICMP', async () => {
        await lab.host('client').listen(7, 'udp', family === 4 ? '0.0.0.0' : '::');
        const asked = { host: plan.client, port: 7 };
        // Else one a second.
        lab.sysctl('router', 'net/ipv6/icmp/ratelimit', '0');
        const heard = await lab.refusals('dialer', / tcp port .* udp port /s, async () => {
          for (const protocol of ['tcp', 'udp'] as const)
            await lab.host('dialer').connect({ ...asked, protocol });
        });
        assert.match(heard, new RegExp(`${plan.client} tcp port 7`));
        assert.match(heard, new RegExp(`${plan.client} udp port 7`));
        assert.deepEqual(await lab.host('client').heard(), []);
      });

      it('lets the internal network reach the untrusted one, and not the other way; that is logged', async () => {
        await lab.host('untrusted').listen(7);
        await lab.host('client').listen(7);
        assert.equal(
          (await lab.host('client').connect({ host: plan.untrusted, port: 7 })).to,
          plan.untrusted,
        );
        // Logs of other namespaces than the first are kept back unless told otherwise.
        const all = readFileSync(everywhere, 'utf8');
        writeFileSync(everywhere, '1');
        try {
          const { error } = await lab.host('untrusted').connect({ host: plan.client, port: 7 });
          assert.equal(error, 'timeout');
          await until('the line of the log', () =>
            execFileSync('dmesg', { encoding: 'utf8' })
              .split('\n')
              .some(
                line =>
                  /netconf .*:? deny: IN=eth1 .*PROTO=TCP .*DPT=7 .*SYN/.test(line) &&
                  line.includes(longForm(plan.untrusted)),
              ),
          );
        } finally {
          writeFileSync(everywhere, all);
        }
      });

      it('forwards nothing that no rule speaks of', async () => {
        await lab.host('provider').listen(443);
        for (const host of ['untrusted', 'guest'])
          assert.equal(
            (await lab.host(host).connect({ host: plan.server, port: 443 })).error,
            'timeout',
            host,
          );
      });

      it('drops what comes from an address that is elsewhere', async () => {
        await lab.host('router').listen(9, 'udp', family === 4 ? '0.0.0.0' : '::');
        lab.ip('untrusted', `address add ${plan.stranger}/${plan.masks.host} dev lo`);
        const asked = { host: plan.toUntrusted, port: 9, protocol: 'udp' } as const;
        await lab.host('untrusted').connect({ ...asked, from: plan.stranger });
        await lab.host('untrusted').connect(asked);
        assert.deepEqual(await lab.host('router').heard(), [plan.untrusted]);
      });
    });
  }
});

/** As the kernel's log has addresses: all groups of IPv6. */
function longForm(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = [head.split(':'), tail.split(':')];
  const zeros = new Array<string>(8 - groups.flat().length).fill('0');
  return [...groups[0]!, ...zeros, ...groups[1]!].map(group => group.padStart(4, '0')).join(':');
}
