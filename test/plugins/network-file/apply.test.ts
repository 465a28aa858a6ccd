import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { until } from '../../daemon.ts';
import { needs } from '../../setup.ts';
import { World } from './world.ts';

const two = `
network "inside" {
  interface "near" { addressv4 192.0.2.2; }
  netmaskv4 255.255.255.0;
}
network "outside" {
  interface "other" { address 198.51.100.2/24; address 2001:db8::2/64; }
}
network "far" { network 203.0.113.0/24; }
route default { gatewayv4 198.51.100.1; metric 5; }
route "far" { gatewayv4 192.0.2.9; }
route "192.0.2.200" { gatewayv4 198.51.100.7; }
`;

describe('the network file', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip', 'tc'] });
  });

  it('has its interfaces configured when the machine starts, with routes to networks, hosts and everywhere', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    await world.daemon.event('interface.configured', { interface: 'other' });
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    assert.deepEqual(world.addresses('other'), ['198.51.100.2/24', '2001:db8::2/64']);
    assert.deepEqual(world.routes().toSorted(), [
      '192.0.2.200 via 198.51.100.7 dev other',
      '203.0.113.0/24 via 192.0.2.9 dev near',
      'default via 198.51.100.1 dev other metric 5',
    ]);
  });

  it('changes what has changed, and nothing else', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    await world.daemon.event('interface.configured', { interface: 'other' });
    world.ip('address', 'add', '192.0.2.77/24', 'dev', 'near');
    const last = world.daemon.events.at(-1)!.id;
    world.write(two.replace('address 198.51.100.2/24', 'address 198.51.100.2/24; address 198.51.100.3/24'));
    const answer = await world.apply();
    assert.deepEqual(
      [answer.state, answer.results?.map(one => `${one.interface} ${one.state}`)],
      ['applied', ['other configured']],
    );
    assert.deepEqual(world.addresses('other'), ['198.51.100.2/24', '198.51.100.3/24', '2001:db8::2/64']);
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24', '192.0.2.77/24']);
    const events = world.daemon.events.filter(({ id, name }) => id > last && /^(address|route)\./.test(name));
    assert.deepEqual(
      events
        .filter(({ name }) => /removed|changed/.test(name))
        .map(({ name, data }) => `${name} ${JSON.stringify(data)}`),
      [],
    );
    assert.equal((await world.apply()).state, 'unchanged');
  });

  it('that contradicts itself is refused with all its mistakes, and nothing is applied', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    world.write(
      `${two.replace('addressv4 192.0.2.2', 'addressv4 192.0.2.3')}\nroute default { gatweayv4 192.0.2.1; }\n`,
    );
    const answer = await world.apply();
    assert.equal(answer.state, 'refused');
    assert.match(
      answer.problems!.map(({ place, message }) => `${place}: ${message}`).join('\n'),
      /^\/[^ ]*network\.conf:14:17: unknown option of route: gatweayv4$/,
    );
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
  });

  it('is undone where one interface fails, those before it too', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    await world.daemon.event('interface.configured', { interface: 'other' });
    // Another default route of this metric is there: the kernel refuses.
    world.ip('route', 'add', 'default', 'via', '192.0.2.99', 'metric', '6');
    world.write(two.replace('192.0.2.2;', '192.0.2.3;').replace('metric 5', 'metric 6'));
    const answer = await world.apply();
    assert.equal(answer.state, 'undone', JSON.stringify(answer));
    assert.equal(answer.interface, 'other');
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    assert.deepEqual(world.addresses('other'), ['198.51.100.2/24', '2001:db8::2/64']);
    assert.ok(world.routes().includes('default via 198.51.100.1 dev other metric 5'));
    const failed = await world.daemon.event('network.failed');
    assert.equal((failed.data as { interface: string }).interface, 'other');
  });

  it('takes down what it does not declare any more, or has disabled', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    await world.daemon.event('interface.configured', { interface: 'other' });
    world.write('network "inside" { interface "near" { address 192.0.2.2/24; enabled false; } }\n');
    const answer = await world.apply();
    assert.deepEqual(
      answer.results?.map(one => `${one.interface} ${one.state}`),
      ['other deconfigured', 'near deconfigured'],
    );
    assert.deepEqual([...world.addresses('near'), ...world.addresses('other')], []);
  });

  it('goes back by itself when nobody confirms it in time, the file too', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    const other = two.replace('192.0.2.2;', '192.0.2.3;');
    world.write(other);
    assert.equal((await world.apply({ confirm: 1 })).state, 'applied');
    assert.deepEqual(world.addresses('near'), ['192.0.2.3/24']);
    await world.daemon.event('network.reverted');
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    assert.equal(readFileSync(world.file, 'utf8'), two);
    assert.equal(readFileSync(`${world.file}.unconfirmed`, 'utf8'), other);
    assert.ok(!existsSync(`${world.file}.trial`));
  });

  it('stays when it is confirmed', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    world.write(two.replace('192.0.2.2;', '192.0.2.3;'));
    await world.apply({ confirm: 3 });
    const { answer } = await world.daemon.client.call('Ask', { question: 'network confirm' });
    assert.deepEqual(answer, { state: 'confirmed' });
    await new Promise(resolve => setTimeout(resolve, 3500));
    assert.deepEqual(world.addresses('near'), ['192.0.2.3/24']);
    assert.ok(!world.daemon.events.some(({ name }) => name === 'network.reverted'));
  });

  it('goes back too where netconfd was killed meanwhile, and started again later', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    world.write(two.replace('192.0.2.2;', '192.0.2.3;'));
    await world.apply({ confirm: 4 });
    await world.daemon.stop('SIGKILL');
    await world.startDaemon();
    await world.daemon.event('network.reverted');
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    assert.equal(readFileSync(world.file, 'utf8'), two);
  });

  it('goes back where netconfd was killed in the middle of applying it', async () => {
    const slow = '#!/bin/sh\n[ "$IFACE" != other ] || sleep 30\n';
    await using world = await World.start(two, ['near', 'other'], { 'if-up.d/slow': '#!/bin/sh\n' });
    await world.daemon.event('interface.configured', { interface: 'near' });
    await world.daemon.event('interface.configured', { interface: 'other' });
    world.folder.write('if-up.d/slow', slow);
    world.write(two.replace('192.0.2.2;', '192.0.2.3;').replace('2001:db8::2', '2001:db8::3'));
    const applying = world.apply().catch(() => undefined);
    await until('the second interface', () => world.addresses('other').includes('2001:db8::3/64'));
    await world.daemon.stop('SIGKILL');
    await applying;
    world.folder.write('if-up.d/slow', '#!/bin/sh\n');
    await world.startDaemon();
    await world.daemon.event('network.reverted');
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    assert.deepEqual(world.addresses('other'), ['198.51.100.2/24', '2001:db8::2/64']);
  });

  it('on trial when the machine is started anew is gone from the start', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    const other = two.replace('192.0.2.2;', '192.0.2.3;');
    world.write(other);
    await world.apply({ confirm: 1000 });
    await world.daemon.stop('SIGKILL');
    // As after the start: another id of it, an empty /run, and links without addresses.
    const trial = JSON.parse(readFileSync(`${world.file}.trial`, 'utf8')) as { start: string };
    writeFileSync(`${world.file}.trial`, JSON.stringify({ ...trial, start: 'another start' }));
    rmSync(`${world.folder.path}/daemon`, { recursive: true });
    for (const link of ['near', 'other']) world.ip('address', 'flush', 'dev', link);
    await world.startDaemon();
    await world.daemon.event('interface.configured', { interface: 'near' });
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    assert.deepEqual(
      [readFileSync(world.file, 'utf8'), readFileSync(`${world.file}.unconfirmed`, 'utf8')],
      [two, other],
    );
    assert.ok(!existsSync(`${world.file}.trial`));
  });

  it('on trial may be followed by another one; what was confirmed last is gone back to', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    world.write(two.replace('192.0.2.2;', '192.0.2.3;'));
    await world.apply({ confirm: 1000 });
    world.write(two.replace('192.0.2.2;', '192.0.2.4;'));
    await world.apply({ confirm: 1 });
    assert.deepEqual(world.addresses('near'), ['192.0.2.4/24']);
    await world.daemon.event('network.reverted');
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    assert.equal(readFileSync(world.file, 'utf8'), two);
  });

  it('that is being written counts for nothing, also when a link comes and netconfd is started again', async () => {
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    world.write('network "inside" { interface "near" { addr');
    world.ip('link', 'del', 'near');
    await world.daemon.stop();
    await world.startDaemon();
    world.addLink('near');
    await world.daemon.event('interface.configured', { interface: 'near' });
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
  });

  it('takes over what interfaces(5) has configured without a change, and gives it back when nobody confirms', async () => {
    await using world = await World.start(undefined, ['near', 'other'], {
      interfaces: 'auto near\niface near inet static\n  address 192.0.2.2/24\n  gateway 192.0.2.1\n',
    });
    await world.daemon.event('interface.configured', { interface: 'near' });
    const last = world.daemon.events.at(-1)!.id;
    world.write(
      'network "a" { interface "near" { address 192.0.2.2/24 } }\nroute default { gateway 192.0.2.1 }\n',
    );
    assert.equal((await world.apply({ confirm: 1 })).state, 'applied');
    await world.daemon.event('network.reverted');
    assert.deepEqual(
      [world.addresses('near'), world.routes()],
      [['192.0.2.2/24'], ['default via 192.0.2.1 dev near']],
    );
    const changes = world.daemon.events.filter(
      ({ id, name }) => id > last && /^((address|route|link)\.removed|link\.down)$/.test(name),
    );
    assert.deepEqual(changes, []);
    assert.ok(!existsSync(world.file));
  });

  it('whose rules are refused changes no interface, and the rules of before count', async () => {
    // In the place of the firewall: refuses rules that log.
    const firewall = `export default {
      name: 'firewall',
      events: ['firewall'],
      apply(netconf) {
        netconf.watch('firewall', () => {
          const [part] = netconf.gather('firewall', []);
          const bad = part?.rules.find(rule => rule.log !== undefined);
          if (bad) netconf.emit('firewall.failed', { place: bad.place, message: 'the kernel refuses it', more: 0 });
          else netconf.emit('firewall.applied', { networks: part.networks.length, rules: part.rules.length, plugins: [part.plugin], changed: true });
        });
      },
    };`;
    await using world = await World.start(two, ['near', 'other']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    await world.daemon.stop();
    await world.startDaemon({ 'firewall.mjs': firewall });
    const changed = two.replace('192.0.2.2;', '192.0.2.3;');
    world.write(`${changed}rule { from "inside" to "far" log; deny }\n`);
    const answer = await world.apply();
    assert.deepEqual([answer.state, answer.interface], ['undone', 'the firewall']);
    assert.match(answer.message!, /network\.conf:13:1: the kernel refuses it$/);
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    world.write(`${changed}rule { from "inside" to "far" deny }\n`);
    assert.equal((await world.apply()).state, 'applied');
    const { data } = await world.daemon.event('firewall.applied', {
      where: event => (event.data as { rules: number }).rules === 1,
    });
    assert.deepEqual(data, { networks: 3, rules: 1, plugins: ['network-file'], changed: true });
    assert.deepEqual(world.addresses('near'), ['192.0.2.3/24']);
  });
});
