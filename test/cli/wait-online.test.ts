import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InterfaceStatus } from '../../core/control/api.ts';
import { BuiltProgram, outcomeOf } from './program.ts';
import { StandIn } from './stand-in.ts';

const nothing = { since: 0, explicit: true, prerequisites: [], neededBy: [] };
const stanzas = [{ family: 'inet', method: 'dhcp', step: 'DHCP' }];

function interfaceOf(name: string, state: InterfaceStatus['state']): InterfaceStatus {
  return { interface: name, logical: name, classes: ['auto'], state, stanzas, ...nothing };
}

describe('netconf wait-online', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netconf-online-'));
  const socket = join(folder, 'control');
  let program: BuiltProgram;
  let daemon: StandIn;

  before(() => {
    program = new BuiltProgram();
  });
  after(() => {
    program.remove();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    const link = { mtu: 1500, operstate: 'UP', link_type: 'ether', flags: ['UP', 'LOWER_UP'] };
    const links = ['eth0', 'eth1'].map((ifname, at) => ({ ...link, ifname, ifindex: at + 2 }));
    const rest = {
      routes: 0,
      emit: { id: 1 },
      history: [],
      explain: undefined as never,
      plugins: [],
      replay: [],
    };
    daemon = new StandIn(socket, { ...rest, links, interfaces: [], reload: () => ({ file: null }) });
  });
  afterEach(() => daemon.close());

  const wait = (...words: string[]) => ['--socket', socket, 'wait-online', ...words];

  it('is over at once, with status 0, where no interface is auto', async () => {
    await daemon.listen();
    assert.deepEqual(await program.run(wait()), { status: 0, stdout: '', stderr: '' });
  });

  it('waits until the last interface is ready, as events tell', async () => {
    daemon.answers.interfaces = [interfaceOf('eth0', 'configured'), interfaceOf('eth1', 'configuring')];
    await daemon.listen();
    const child = program.start(wait());
    const outcome = outcomeOf(child);
    await daemon.subscribed();
    daemon.publish('link.up', {}, 'eth1');
    assert.equal(child.exitCode, null);
    daemon.answers.interfaces = [interfaceOf('eth0', 'configured'), interfaceOf('eth1', 'configured')];
    daemon.publish('interface.configured', {}, 'eth1');
    assert.deepEqual(await outcome, { status: 0, stdout: '', stderr: '' });
  });

  it('ends with status 1 when the time is up, and says what is missing of which interface', async () => {
    daemon.answers.interfaces = [interfaceOf('eth0', 'configured'), interfaceOf('eth1', 'configuring')];
    await daemon.listen();
    const { status, stderr } = await program.run(wait('--timeout', '0.2'));
    assert.equal(status, 1);
    assert.equal(stderr, 'netconf: not online after 0.2 s\n  eth1: being configured\n');
  });

  it('is content with one of them with --any, and with those named', async () => {
    daemon.answers.interfaces = [interfaceOf('eth0', 'configured'), interfaceOf('eth1', 'failed')];
    await daemon.listen();
    assert.equal((await program.run(wait('--any', '--timeout', '0'))).status, 0);
    assert.equal((await program.run(wait('--interface', 'eth0', '--timeout', '0'))).status, 0);
    assert.equal((await program.run(wait('--interface', 'eth1', '--any', '--timeout', '0'))).status, 1);
  });

  it('waits for a daemon that does not answer yet, with status 3 when none ever does', async () => {
    const { status, stderr } = await program.run(wait('--timeout', '0.3'));
    assert.equal(status, 3);
    assert.match(stderr, /no netconfd answers/);
    const outcome = outcomeOf(program.start(wait('--timeout', '10')));
    await new Promise(resolve => setTimeout(resolve, 300));
    await daemon.listen();
    assert.equal((await outcome).status, 0);
  });

  it('goes on waiting when the daemon is started again', async () => {
    daemon.answers.interfaces = [interfaceOf('eth0', 'configuring')];
    await daemon.listen();
    const outcome = outcomeOf(program.start(wait('--timeout', '10')));
    await daemon.subscribed();
    await daemon.close();
    const next = new StandIn(socket, { ...daemon.answers, interfaces: [interfaceOf('eth0', 'configured')] });
    await next.listen();
    assert.equal((await outcome).status, 0);
    await next.close();
  });

  it('refuses a time that is none, with status 2', async () => {
    await daemon.listen();
    assert.equal((await program.run(wait('--timeout', 'soon'))).status, 2);
  });
});
