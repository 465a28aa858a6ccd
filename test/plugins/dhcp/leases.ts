import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { script } from '../../dhcp/report.ts';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { keptFiles, Lab } from './lab.ts';
import { packages } from './packages.ts';

const cfg = ['timeout 8', 'dhcp-client dhclient'];
const short = 'default-lease-time 4; option routers 10.3.0.1; range 10.3.0.100 10.3.0.110;';
const addresses = '--dhcp-range=10.3.0.100,10.3.0.200,2m';
/** dhclient that is done with giving back only when it may. */
const slowRelease = `
mkdir "$NETCONF_LAB/bin"
cat > "$NETCONF_LAB/bin/dhclient" <<'END'
#!/bin/bash
case " $* " in
*' -r '*) /usr/local/sbin/real "$@"; until [ -e /usr/local/sbin/go ]; do sleep 0.1; done ;;
*) exec -a "$0" /usr/local/sbin/real "$@" ;;
esac
END
chmod 755 "$NETCONF_LAB/bin/dhclient"
cp /usr/sbin/dhclient "$NETCONF_LAB/bin/real"
mount --bind "$NETCONF_LAB/bin" /usr/local/sbin
mount --bind "$NETCONF_LAB/bin/dhclient" /usr/sbin/dhclient`;
const other = 'default-lease-time 4; option routers 10.3.0.2; range 10.3.0.150 10.3.0.160;';

/** What the kernel tells of links, IPv4 addresses and routes on the client's side, until it is stopped. */
function monitor(lab: Lab): () => string {
  const child = spawn('ip', ['-4', '-n', lab.clientNs, 'monitor', 'link', 'address', 'route'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return () => {
    child.kill('SIGKILL');
    return text;
  };
}

/** A lease of dhclient. */
export const leases: Scenarios = {
  'is renewed without one message of netlink when it says the same': async () => {
    await using lab = new Lab({ cfg });
    await lab.start();
    await lab.dhcpd(packages.dhcpd, short);
    assert.equal((await lab.up()).outcome, 'BOUND');
    const stop = monitor(lab);
    await lab.event('dhcp.renewed', 0, ({ data }) => data.lease!.since > data.old!.since);
    const after = lab.events.length;
    await lab.event('dhcp.renewed', after);
    // Neighbours are looked for by the kernel itself.
    assert.equal(stop(), '');
    assert.equal(lab.addresses().length, 1);
  },

  'is applied as it changes, and nothing else: another server says other things': async () => {
    await using lab = new Lab({ cfg });
    await lab.start();
    const end = await lab.dhcpd(packages.dhcpd, short);
    assert.equal((await lab.up()).outcome, 'BOUND');
    assert.deepEqual([lab.addresses(), lab.routes()], [['10.3.0.100/24'], ['default 10.3.0.1']]);
    await end();
    const after = lab.events.length;
    await lab.dhcpd(packages.dhcpd, other);
    await lab.event('dhcp.bound', after, ({ data }) => data.lease?.address === '10.3.0.150');
    await until('the new address', () => lab.addresses().join() === '10.3.0.150/24');
    await until('the new route', () => lab.routes().join() === 'default 10.3.0.2');
    assert.equal(
      lab.events.some(({ name }) => name === 'interface.failed'),
      false,
    );
  },

  'that runs out is taken away and goes to the policy, and comes back with a server': async () => {
    await using lab = new Lab({ cfg: [...cfg, 'FAIL,TIMEOUT Manual'], sections: '[cfg Manual]' });
    await lab.start();
    const end = await lab.dhcpd(packages.dhcpd, short);
    assert.equal((await lab.up()).step, 'DHCP');
    const [pid] = lab.processes('dhclient');
    await end();
    const after = lab.events.length;
    await lab.event('dhcp.expired', after);
    await until('no address', () => lab.addresses().length === 0);
    const configured = await lab.event('interface.configured', after);
    assert.equal((configured.data as unknown as { step: string }).step, 'Manual');
    await lab.dhcpd(packages.dhcpd, short);
    // dhclient asks again after longer and longer pauses.
    const since = lab.events.indexOf(configured) + 1;
    await lab.event('interface.configured', since, () => true, 60_000);
    assert.deepEqual(lab.addresses(), ['10.3.0.100/24']);
    assert.deepEqual(lab.processes('dhclient'), [pid]);
    assert.equal((await lab.down()).state, 'deconfigured');
    assert.deepEqual([lab.addresses(), lab.processes('dhclient')], [[], []]);
  },

  'that runs out without anything in the policy makes the interface fail, until a server is there':
    async () => {
      await using lab = new Lab({ cfg: ['timeout 2', 'dhcp-client dhclient'] });
      await lab.start();
      const end = await lab.dhcpd(packages.dhcpd, short);
      await lab.up();
      await end();
      await lab.event('interface.failed');
      assert.deepEqual(lab.addresses(), []);
      const after = lab.events.length;
      await lab.dhcpd(packages.dhcpd, short);
      await lab.event('interface.configured', after);
      assert.deepEqual(lab.addresses(), ['10.3.0.100/24']);
    },

  'that never comes is a TIMEOUT, and no client is left': async () => {
    await using lab = new Lab({ cfg: ['timeout 2', 'dhcp-client dhclient'] });
    await lab.start();
    const result = await lab.up();
    assert.deepEqual([result.state, result.outcome], ['failed', 'TIMEOUT']);
    assert.match(result.message!, /no DHCP server has given a lease in 2 s/);
    assert.deepEqual([lab.processes('dhclient'), lab.addresses()], [[], []]);
    assert.deepEqual(
      keptFiles(lab).filter(name => !name.endsWith('.leases')),
      [],
    );
  },

  'is held on to when its client is killed, which is started again': async () => {
    await using lab = new Lab({ cfg });
    await lab.start();
    await lab.dhcpd(packages.dhcpd, short.replace('time 4', 'time 600'));
    await lab.up();
    const [pid] = lab.processes('dhclient');
    const stop = monitor(lab);
    process.kill(pid!, 'SIGKILL');
    const again = await until('another client', () => lab.processes('dhclient').find(each => each !== pid));
    await lab.event('dhcp.rebooted', 0, ({ data }) => data.pid === again);
    assert.doesNotMatch(stop(), /inet |default/);
    assert.deepEqual(lab.addresses(), ['10.3.0.100/24']);
    await lab.down();
    assert.deepEqual(lab.processes('dhclient'), []);
  },

  'outlives netconfd, which takes over client and lease when it is there again': async () => {
    await using lab = new Lab({ cfg });
    await lab.start();
    const end = await lab.dhcpd(packages.dhcpd, short);
    await lab.up();
    const [pid] = lab.processes('dhclient');
    await lab.kill('SIGKILL');
    const folder = join(lab.run, 'dhcp');
    await until('a record that nobody reads', () => keptFiles(lab).some(name => name.startsWith('dhcp/0')));
    const stop = monitor(lab);
    const after = lab.events.length;
    await lab.start();
    await lab.event('dhcp.renewed', after);
    assert.doesNotMatch(stop(), /inet |default/);
    assert.deepEqual(lab.processes('dhclient'), [pid]);
    assert.deepEqual([lab.addresses(), lab.routes()], [['10.3.0.100/24'], ['default 10.3.0.1']]);
    await end();
    await lab.event('dhcp.expired', after);
    await until('no address', () => lab.addresses().length === 0);
    await lab.down();
    assert.deepEqual(lab.processes('dhclient'), []);
    assert.equal(existsSync(folder), true);
  },

  'is got by the next netconfd when one is killed while it waits for it': async () => {
    await using lab = new Lab({ cfg: ['timeout 15', 'dhcp-client dhclient'] });
    await lab.start();
    const up = lab.up().catch(() => undefined);
    await lab.event('dhcp.preinit');
    const [pid] = lab.processes('dhclient');
    await until('no record', () => !keptFiles(lab).some(name => name.startsWith('dhcp/')));
    await lab.kill('SIGKILL');
    await up;
    await lab.dhcpd(packages.dhcpd, short);
    await lab.start();
    await lab.event('interface.configured', 0, ({ interface: on }) => on === 'e0');
    assert.deepEqual(lab.processes('dhclient'), [pid]);
    assert.deepEqual(lab.addresses(), ['10.3.0.100/24']);
  },

  'of a client that others have started is applied and taken away, too': async () => {
    await using lab = new Lab({ cfg });
    await lab.start();
    await lab.dhcpd(packages.dhcpd, short);
    lab.inside('ip', 'link', 'set', 'e0', 'up');
    const path = (name: string) => join(lab.folder, name);
    const words = ['-4', '-cf', '/dev/null', '-lf', path('other.leases'), '-pf', path('other.pid')];
    const report = ['-sf', script, '-e', `NETCONF_DHCP=${join(lab.run, 'dhcp')}`];
    lab.inside('dhclient', ...words, ...report, 'e0');
    await until('the address', () => lab.addresses().join() === '10.3.0.100/24');
    assert.deepEqual(lab.routes(), ['default 10.3.0.1']);
    lab.inside('dhclient', '-r', ...words, ...report, 'e0');
    await lab.event('dhcp.released');
    await until('no address', () => lab.addresses().length === 0);
  },

  'that never comes leads to an address of the link, until there is a server': async () => {
    const sections = '[cfg LinkLocal]';
    await using lab = new Lab({
      cfg: ['timeout 1', 'dhcp-client dhclient', 'FAIL,TIMEOUT LinkLocal'],
      sections,
    });
    await lab.start();
    const result = await lab.up();
    assert.deepEqual([result.state, result.step], ['configured', 'LinkLocal'], JSON.stringify(result));
    const [address] = lab.addresses();
    assert.match(address!, /^169\.254\.\d+\.\d+\/16$/);
    assert.equal(lab.processes('dhclient').length, 1);
    const after = lab.events.length;
    await lab.dhcpd(packages.dhcpd, short);
    await lab.event('interface.configured', after);
    await until('the address', () => lab.addresses().join() === '10.3.0.100/24');
    assert.equal((await lab.down()).state, 'deconfigured');
    assert.deepEqual([lab.addresses(), lab.processes('dhclient')], [[], []]);
  },

  'that never comes leaves no client behind when the interface is taken down': async () => {
    const sections = '[cfg LinkLocal]';
    await using lab = new Lab({
      cfg: ['timeout 1', 'dhcp-client dhclient', 'FAIL,TIMEOUT LinkLocal'],
      sections,
    });
    await lab.start();
    assert.equal((await lab.up()).step, 'LinkLocal');
    const [own] = lab.addresses();
    assert.equal((await lab.down()).state, 'deconfigured');
    await until('no client', () => lab.processes('dhclient').length === 0);
    assert.deepEqual(lab.addresses(), []);
    // Another machine has taken the address meanwhile: the next one is tried.
    execFileSync('ip', ['-n', lab.serverNs, 'address', 'add', own!, 'dev', 's0']);
    assert.equal((await lab.up()).step, 'LinkLocal');
    const [other] = lab.addresses();
    assert.match(other!, /^169\.254\./);
    assert.notEqual(other, own);
  },

  'has no client any more when the plugin is loaded anew while it is given back': async () => {
    await using lab = new Lab({ cfg: ['timeout 10', 'dhcp-client dhclient'], mounts: slowRelease });
    await lab.start();
    await lab.dnsmasq(addresses);
    assert.equal((await lab.up()).outcome, 'BOUND');
    const [client] = lab.processes('dhclient');
    const down = lab.down();
    await until('the end of its client', () => !lab.processes('dhclient').includes(client!));
    lab.netconf('plugin', 'unload', 'dhcp');
    lab.netconf('plugin', 'load', 'dhcp');
    writeFileSync(lab.path('bin/go'), '');
    // Nobody of the plugin of before could take the address back.
    const { state, message } = await down;
    assert.equal(state, 'failed');
    assert.match(message!, /^inet .*DHCP/);
    assert.deepEqual(lab.processes('dhclient'), []);
    assert.equal((await lab.down()).state, 'deconfigured');
    assert.deepEqual([lab.addresses(), lab.processes('dhclient')], [[], []]);
  },

  'is applied again by ifup --force where somebody has taken the address away': async () => {
    await using lab = new Lab({ cfg: ['timeout 10', 'dhcp-client udhcpc'] });
    await lab.start();
    await lab.dnsmasq(addresses);
    await lab.up();
    const [held, routes] = [lab.addresses(), lab.routes()];
    assert.equal(held.length, 1);
    lab.inside('ip', '-4', 'address', 'flush', 'dev', 'e0');
    assert.equal((await lab.up({ force: true })).outcome, 'BOUND');
    assert.deepEqual([lab.addresses(), lab.routes()], [held, routes]);
  },

  'is asked for by a client of its own where the one before has not ended yet': async () => {
    const cfg = ['timeout 4', 'dhcp-client udhcpc', 'FAIL,TIMEOUT LinkLocal'];
    await using lab = new Lab({ cfg, sections: '[cfg LinkLocal]' });
    await lab.start();
    assert.equal((await lab.up()).step, 'LinkLocal');
    const [stuck] = lab.processes('udhcpc');
    process.kill(stuck!, 'SIGSTOP');
    assert.equal((await lab.down()).state, 'deconfigured');
    await lab.dnsmasq(addresses);
    const { step, outcome } = await lab.up();
    assert.deepEqual([step, outcome], ['DHCP', 'BOUND'], lab.output());
    const [client, ...others] = lab.processes('udhcpc');
    assert.notEqual(client, stuck);
    assert.deepEqual(others, []);
    assert.ok(keptFiles(lab).includes('dhcp-clients/e0.inet.json'));
    assert.equal((await lab.down()).state, 'deconfigured');
    assert.deepEqual([lab.addresses(), lab.processes('udhcpc')], [[], []]);
  },

  'is got where no netconfd runs, kept by its client, and taken over by a netconfd that comes': async () => {
    await using lab = new Lab({ cfg });
    const path = (name: string) => join(lab.folder, name);
    writeFileSync(path('netconf.yaml'), `paths:\n  policy: [${path('policy.d')}]\n`);
    await lab.dhcpd(packages.dhcpd, short.replace('time 4', 'time 60'));
    const words = ['--socket', join(lab.run, 'control'), '--config', path('netconf.yaml')];
    lab.inside(
      process.execPath,
      fileURLToPath(new URL('../../../dist/ifup.cjs', import.meta.url)),
      ...words,
      'e0',
    );
    assert.deepEqual(lab.addresses(), ['10.3.0.100/24']);
    const [pid] = lab.processes('dhclient');
    await lab.start();
    await lab.event('dhcp.bound', 0, ({ replayed }) => replayed === true);
    assert.equal((await lab.up()).state, 'already');
    assert.deepEqual([lab.processes('dhclient'), lab.addresses()], [[pid], ['10.3.0.100/24']]);
    assert.equal((await lab.down()).state, 'deconfigured');
    assert.deepEqual([lab.addresses(), lab.processes('dhclient')], [[], []]);
  },

  'is not asked for on a loopback, and ends with its link': async () => {
    await using lab = new Lab({ cfg });
    lab.policy('[IFUP]\nstartat DHCP\n[cfg DHCP]\ntimeout 8\n', 'default');
    await lab.start();
    await lab.dhcpd(packages.dhcpd, short);
    const { results } = await lab.client.call('Up', { interface: 'lo', force: true });
    assert.match(results![0]!.message!, /lo is a loopback/);
    assert.equal((await lab.up()).outcome, 'BOUND');
    lab.inside('ip', 'link', 'del', 'e0');
    await until('no client', () => lab.processes('dhclient').length === 0);
    await until('no files', () => keptFiles(lab).every(name => name.endsWith('.leases')));
  },

  'is taken from no hostile server as it stands': async () => {
    await using lab = new Lab({ cfg });
    await lab.start();
    const evil = `$(touch ${lab.folder}/pwned)`.slice(0, 200);
    await lab.dhcpd(
      packages.dhcpd,
      `${short} option domain-name "${evil}"; option host-name "a;touch ${lab.folder}/pwned";
       option interface-mtu 70; option domain-search "good.test"; option ntp-servers 224.0.0.1;
       option subnet-mask 255.0.255.0; option tcode "${evil}"; option wpad "http://a/${evil}";`,
    );
    assert.equal((await lab.up()).outcome, 'BOUND');
    const { data } = await lab.event('dhcp.bound');
    const names = data.refused!.map(({ option }) => option).sort();
    // Names it looks at itself.
    assert.deepEqual(names, ['new_ntp_servers', 'new_subnet_mask', 'new_tcode', 'new_wpad']);
    assert.deepEqual(
      [data.lease!.domain, data.lease!.hostname, data.lease!.ntp],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(lab.addresses(), ['10.3.0.100/32']);
    assert.equal(existsSync(join(lab.folder, 'pwned')), false);
  },
};
