import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPolicies } from '../../cli/check-policies.ts';
import { startDaemon } from '../daemon.ts';
import { callsAs, done, step, worldOf } from '../plugins/policy/world.ts';
import { needs } from '../setup.ts';
import { addVeth } from '../veth.ts';

const directory = fileURLToPath(new URL('../../examples/policies', import.meta.url));
const stranger = 65_533;
const group = 65_400;
const steps = ['DHCP', 'LinkLocal', 'Static', 'OpenVPN'];

/** The examples with groups and users that this machine has: by number, as a policy may name them. */
function policies(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory).map(name => [
      name,
      readFileSync(join(directory, name), 'utf8').replaceAll(/@(group1|users|netdev)\b/g, `@${group}`),
    ]),
  );
}

describe('the example policies', function () {
  this.timeout(60_000);

  it('are what the check wants, but for users that this machine may not have', () => {
    const copy = mkdtempSync(join(tmpdir(), 'netconf-policies-'));
    try {
      for (const [name, text] of Object.entries(policies())) writeFileSync(join(copy, name), text);
      execFileSync('chmod', ['-R', 'go-w', copy]);
      assert.deepEqual(
        checkPolicies([copy]).map(({ message }) => message),
        ['no user user2 in /etc/passwd'],
      );
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  describe('in a daemon', () => {
    before(function () {
      needs(this, { root: true, programs: ['ip', 'setpriv'] });
    });

    it('default: goes from /etc/network/interfaces to DHCP to link-local, for its group and nobody else', async () => {
      const world = worldOf({ steps, outcomes: { DHCP: 'TIMEOUT' }, stanzas: { far: ['Static'] } });
      await using daemon = await startDaemon({ ...world, policies: policies() });
      addVeth(daemon);
      const call: [string, object] = ['Up', { interface: 'near' }];
      const [refused] = await callsAs(daemon, { uid: stranger }, [call]);
      assert.ok(refused !== undefined && 'code' in refused && refused.code === 'Denied');
      const [allowed] = await callsAs(daemon, { uid: stranger, groups: [group] }, [call]);
      assert.ok(allowed !== undefined && 'result' in allowed, JSON.stringify(allowed));
      const [result] = allowed.result.results as { state: string; step: string }[];
      assert.deepEqual([result?.state, result?.step], ['configured', 'LinkLocal']);
      const asked = await daemon.event('asked', { interface: 'near' });
      assert.deepEqual(asked.data, { parameters: { file: '/etc/network/interfaces' } });
      assert.deepEqual(await step(daemon, 'near', 1), { 'dhcp-client-param1': 'foobar' });
      await daemon.client.call('Up', { interface: 'far' });
      await step(daemon, 'far', 1);
      assert.deepEqual(done(daemon, 'far'), ['ifup Static']);
      const ups = done(daemon, 'near').filter(one => one.startsWith('ifup'));
      assert.deepEqual(ups, ['ifup DHCP', 'ifup LinkLocal']);
    });

    it('default: gives the kernel the address that the file has, with the source and the method that ship', async () => {
      const copy = mkdtempSync(join(tmpdir(), 'netconf-eni-'));
      try {
        const file = join(copy, 'interfaces');
        writeFileSync(file, 'iface near inet static\n  address 192.0.2.7/24\n');
        const text = policies()
          .default!.replace('file /etc/network/interfaces', `file ${file}`)
          .replace(/user2$/m, `${stranger}`);
        await using daemon = await startDaemon({ policies: { default: text } });
        addVeth(daemon);
        const [reply] = await callsAs(daemon, { uid: stranger }, [['Up', { interface: 'near' }]]);
        assert.ok(reply !== undefined && 'result' in reply, JSON.stringify(reply));
        const [result] = reply.result.results as { state: string; step: string }[];
        assert.deepEqual([result?.state, result?.step], ['configured', 'Static'], JSON.stringify(result));
        assert.match(daemon.ip('address', 'show', 'near'), /inet 192\.0\.2\.7\/24/);
        const [down] = await callsAs(daemon, { uid: stranger }, [['Down', { interface: 'near' }]]);
        assert.ok(down !== undefined && 'code' in down && down.code === 'Denied');
        await daemon.client.call('Down', { interface: 'near' });
        assert.doesNotMatch(daemon.ip('address', 'show', 'near'), /192\.0\.2\.7/);
      } finally {
        rmSync(copy, { recursive: true });
      }
    });

    it('tun0: brings up eth0 first, then the tunnel, then what its own file says; and eth0 goes down with it', async () => {
      const world = worldOf({
        steps,
        outcomes: { OpenVPN: 'BIND' },
        stanzas: { eth0: ['Static'], tun0: ['Static'] },
      });
      await using daemon = await startDaemon({ ...world, policies: policies() });
      addVeth(daemon, 'eth0', 'tun0');
      const [reply] = await callsAs(daemon, { uid: stranger, groups: [group] }, [
        ['Up', { interface: 'tun0' }],
      ]);
      assert.ok(reply !== undefined && 'result' in reply, JSON.stringify(reply));
      assert.deepEqual(await step(daemon, 'tun0', 1), { config: '/etc/openvpn/work.cfg' });
      await step(daemon, 'tun0', 2);
      assert.deepEqual(done(daemon, 'tun0'), ['ifup OpenVPN', 'ifup Static']);
      await daemon.event('interface.configured', { interface: 'tun0' });
      const order = daemon.events.filter(
        ({ name, interface: on }) => name === 'interface.configured' && on !== 'lo',
      );
      assert.deepEqual(
        order.map(({ interface: on }) => on),
        ['eth0', 'tun0'],
      );
      const asked = await daemon.event('asked', { interface: 'tun0' });
      assert.deepEqual(asked.data, { parameters: { file: '/etc/network/interfaces.d/tun0' } });
      await daemon.client.call('Down', { interface: 'tun0' });
      await daemon.event('interface.deconfigured', { interface: 'eth0' });
    });

    it('enx*: follows the cable, tries DHCP again, and runs the scripts of an event of its own', async () => {
      const world = worldOf({ steps, outcomes: { DHCP: 'BOUND' } });
      await using daemon = await startDaemon({ ...world, policies: policies() });
      addVeth(daemon, 'enx0', 'far');
      await daemon.event('dock-connected', { interface: 'enx0' });
      assert.deepEqual(await step(daemon, 'enx0', 1), { timeout: '20' });
      daemon.ip('link', 'set', 'far', 'down');
      await daemon.event('interface.deconfigured', { interface: 'enx0' });
    });
  });
});
