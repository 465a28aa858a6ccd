import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationProgress, OperationResult } from '../../core/control/api.ts';
import { connect } from '../../core/control/client.ts';
import { programs, startDaemon, type TestDaemon } from '../daemon.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';
import { addVeth } from '../veth.ts';
import { address, alone, script, type WorldFile, wait, worldPlugin } from './world.ts';

/** A daemon whose world can be changed. */
async function daemonWith(
  world: WorldFile,
  more: Parameters<typeof startDaemon>[0] = {},
): Promise<TestDaemon> {
  const daemon = await startDaemon({ configuration: alone, ...more });
  writeFileSync(join(daemon.folder, 'world.json'), JSON.stringify(world));
  writeFileSync(join(daemon.plugins, 'world.mjs'), worldPlugin(daemon.folder));
  await daemon.client.call('LoadPlugin', { name: 'world' });
  return daemon;
}

function change(daemon: TestDaemon, world: WorldFile): void {
  writeFileSync(join(daemon.folder, 'world.json'), JSON.stringify(world));
}

async function up(daemon: TestDaemon, on: string, more = {}): Promise<OperationResult> {
  const { results = [] } = await daemon.client.call('Up', { interface: on, ...more });
  return results[0]!;
}

async function down(daemon: TestDaemon, on: string, more = {}): Promise<OperationResult> {
  const { results = [] } = await daemon.client.call('Down', { interface: on, ...more });
  return results[0]!;
}

async function interfaces(daemon: TestDaemon) {
  return (await daemon.client.callStatus({ parts: ['interfaces'] })).interfaces ?? [];
}

/** Another daemon in the place of one that has been killed; both end with it, and what they had. */
async function nextOf(first: TestDaemon) {
  const answers = (client: Awaited<ReturnType<typeof connect>>) => {
    client.close();
    return true;
  };
  await until('its end', async () => !(await connect({ socket: first.socket }).then(answers, () => false)));
  const line = ['--socket', first.socket, '--plugins', first.plugins, '--config', first.configuration];
  const child = spawn(process.execPath, [programs.netconfd, ...line, '--netns', first.netns!], {
    stdio: 'ignore',
  });
  const client = await until('the next daemon', () =>
    connect({ socket: first.socket }).catch(() => undefined),
  );
  return {
    interfaces: async () => (await client.callStatus({ parts: ['interfaces'] })).interfaces ?? [],
    down: async (on: string) => (await client.call('Down', { interface: on })).results![0]!,
    [Symbol.asyncDispose]: async () => {
      client.close();
      child.kill();
      await new Promise(resolve => child.once('close', resolve));
      await first.stop();
    },
  };
}

const has = (daemon: TestDaemon, link: string, what: string) =>
  daemon.ip('-o', 'address', 'show', 'dev', link).includes(what);

describe('operations of the daemon', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('put an address on a link and take it away again, with events, history and status', async () => {
    await using daemon = await daemonWith({ stanzas: { near: [address('192.0.2.1/24')] } });
    addVeth(daemon);
    const result = await up(daemon, 'near');
    assert.equal(result.state, 'configured');
    assert.ok(has(daemon, 'near', '192.0.2.1/24'));
    assert.equal((await up(daemon, 'near')).state, 'already');
    const [status] = await interfaces(daemon);
    assert.deepEqual(status?.stanzas, [
      { family: 'inet', method: 'static', step: 'Address', place: 'world:1' },
    ]);
    const request = await daemon.event('request.ifup', { interface: 'near' });
    assert.equal(request.source, 'user:0');
    const { entries } = await daemon.client.call('History', { id: request.id });
    assert.deepEqual(
      entries[0]?.runs.map(run => run.script),
      ['/usr/sbin/ip'],
    );
    assert.equal((await down(daemon, 'near')).state, 'deconfigured');
    assert.ok(!has(daemon, 'near', '192.0.2.1'));
    assert.deepEqual(await interfaces(daemon), []);
    const left = readdirSync(join(daemon.folder, 'interfaces')).filter(name => name.startsWith('near'));
    assert.deepEqual(left, []);
  });

  it('tell the progress to who asks with more, and the script that failed with its last words', async () => {
    await using daemon = await daemonWith({});
    addVeth(daemon);
    const path = join(daemon.folder, 'fails');
    writeFileSync(path, '#!/bin/sh\necho no such peer >&2\nexit 7\n');
    chmodSync(path, 0o755);
    change(daemon, { stanzas: { near: [address('192.0.2.1/24'), script(path)] } });
    const told: OperationProgress[] = [];
    let results: OperationResult[] = [];
    for await (const reply of daemon.client.stream('Up', { interface: 'near' })) {
      if (reply.progress !== undefined) told.push(reply.progress);
      results = reply.results ?? results;
    }
    assert.ok(told.some(({ phase, stanza }) => phase === 'preUp' && stanza === 'inet static'));
    const [result] = results;
    assert.equal(result?.state, 'failed');
    assert.equal(result?.script, path);
    assert.equal(result?.output, 'no such peer\n');
    assert.deepEqual(result?.undone, ['inet static (Address): taken back']);
    assert.ok(!has(daemon, 'near', '192.0.2.1'));
    assert.equal((await interfaces(daemon))[0]?.state, 'failed');
  });

  it('are undone when the client hangs up', async () => {
    await using daemon = await daemonWith({ stanzas: { near: [address('192.0.2.1/24'), wait] } });
    addVeth(daemon);
    const client = await connect({ socket: daemon.socket });
    const pending = client.call('Up', { interface: 'near' }).catch(() => undefined);
    await until('the step', async () => (await interfaces(daemon))[0]?.step === 'Wait');
    assert.ok(has(daemon, 'near', '192.0.2.1'));
    client.close();
    await pending;
    await daemon.event('interface.failed', { interface: 'near' });
    assert.ok(!has(daemon, 'near', '192.0.2.1'));
  });

  it('go on after kill -9 in the middle: the next daemon finishes them', async () => {
    const first = await daemonWith({ stanzas: { near: [address('192.0.2.1/24'), wait] } });
    addVeth(first);
    const waiting = await connect({ socket: first.socket });
    waiting.call('Up', { interface: 'near' }).catch(() => undefined);
    await until('the step', async () => (await interfaces(first))[0]?.step === 'Wait');
    process.kill(first.pid, 'SIGKILL');
    change(first, { stanzas: { near: [address('192.0.2.1/24'), address('192.0.2.2/24')] } });
    await using second = await nextOf(first);
    await until('the end', async () => (await second.interfaces())[0]?.state === 'configured');
    assert.ok(has(first, 'near', '192.0.2.1/24') && has(first, 'near', '192.0.2.2/24'));
  });

  for (const entered of [true, false])
    it(`after kill -9 do not begin anew beside the script that was running then${entered ? '' : ', entered or not'}: it is ended first`, async () => {
      const first = await daemonWith({});
      addVeth(first);
      const path = join(first.folder, 'slow');
      const body = 'trap "echo ended >>$0.log; exit 1" TERM; echo began >>$0.log';
      writeFileSync(path, `#!/bin/sh\n${body}\n[ -e $0.done ] || while :; do sleep 0.1; done\n`, {
        mode: 0o755,
      });
      change(first, { stanzas: { near: [script(path)] } });
      const waiting = await connect({ socket: first.socket });
      waiting.call('Up', { interface: 'near' }).catch(() => undefined);
      const said = () =>
        existsSync(`${path}.log`) ? readFileSync(`${path}.log`, 'utf8').trim().split('\n') : [];
      await until('the script', () => said().join() === 'began');
      process.kill(first.pid, 'SIGKILL');
      writeFileSync(`${path}.done`, '');
      // Killed before it could enter it: found by what it was given.
      if (!entered) rmSync(join(first.folder, 'interfaces/running'), { recursive: true, force: true });
      await using second = await nextOf(first);
      await until('the end', async () => (await second.interfaces())[0]?.state === 'configured');
      assert.deepEqual(said(), ['began', 'ended', 'began']);
      assert.deepEqual(readdirSync(join(first.folder, 'interfaces/running')), []);
    });

  it('leave what an administrator has added alone, across kill -9 of the daemon and ifdown', async () => {
    const stanza = { ...address('192.0.2.1/24'), step: 'Static' };
    const first = await daemonWith({ stanzas: { near: [stanza] } });
    addVeth(first);
    assert.equal((await up(first, 'near')).state, 'configured');
    first.ip('address', 'add', '198.51.100.7/24', 'dev', 'near');
    first.ip('route', 'add', '203.0.113.0/24', 'via', '198.51.100.1');
    const own = () => [
      has(first, 'near', '198.51.100.7/24'),
      first.ip('route', 'show', '203.0.113.0/24') !== '',
    ];
    process.kill(first.pid, 'SIGKILL');
    await using second = await nextOf(first);
    assert.deepEqual(
      (await second.interfaces()).map(({ state }) => state),
      ['configured'],
    );
    const count = first
      .ip('-o', '-4', 'address', 'show', 'dev', 'near')
      .split('\n')
      .filter(line => line !== '');
    assert.equal(count.length, 2);
    assert.deepEqual(own(), [true, true]);
    assert.equal((await second.down('near')).state, 'deconfigured');
    assert.ok(!has(first, 'near', '192.0.2.1'));
    assert.deepEqual(own(), [true, true]);
  });

  it('are refused to who may not, with an event that runs no script; only so many are told', async () => {
    await using daemon = await daemonWith(
      {
        stanzas: { near: [address('192.0.2.1/24')], free: [address('192.0.2.9/24')] },
        allow: ['free', 'home'],
      },
      {
        hooks: {
          'request.ifup.d/note': '#!/bin/sh\necho "$IFACE" >> "$(dirname "$NETCONF_SOCKET")/asked"\n',
        },
      },
    );
    addVeth(daemon);
    addVeth(daemon, 'free', 'busy');
    chmodSync(daemon.folder, 0o755);
    const line = (on: string, more = '') =>
      `import { connect } from ${JSON.stringify(new URL('../../core/control/client.ts', import.meta.url).pathname)};
       process.setgroups([]); process.setgid(65534); process.setuid(65534);
       const client = await connect({ socket: ${JSON.stringify(daemon.socket)} });
       for (let at = 0; at < 30; at++)
         console.log(await client.call('Up', { interface: '${on}' ${more} }).then(r => r.results[0].state, e => e.code + ' ' + e.message));
       client.close();`;
    const outcomes = await asNobody(line('near'));
    assert.equal(new Set(outcomes).size, 1);
    assert.match(outcomes[0]!, /^Denied uid 65534 may not do this \(IFUP\)/);
    const refused = () =>
      daemon.events.filter(({ name, interface: on }) => name === 'request.ifup' && on === 'near');
    await daemon.event('request.ifup', { interface: 'near' });
    assert.ok(refused().length >= 10 && refused().length < 20, String(refused().length));
    assert.equal(existsSync(join(daemon.folder, 'asked')), false);
    assert.deepEqual((await asNobody(line('free'))).slice(0, 2), ['configured', 'already']);
    await until('the script', () => existsSync(join(daemon.folder, 'asked')));
    // Options that would run what the caller likes, or nothing of what the administrator wants, are for the owner.
    for (const more of [
      ", set: [{ name: 'up', value: 'id' }]",
      ", file: '/tmp/x'",
      ", noScripts: '*'",
      ', force: true',
      ', noMappings: true',
    ]) {
      const [first] = await asNobody(line('free', more));
      assert.match(first!, /^Denied uid 65534 may not use the option /);
    }
    // Whose stanzas are taken is as much a choice of what runs.
    for (const logical of ['near', '../near', 'a b']) {
      const [first] = await asNobody(line('free', `, logical: '${logical}'`));
      assert.match(first!, /^Denied uid 65534 may not /);
    }
    assert.equal((await asNobody(line('free', ", logical: 'home'")))[0], 'already');
    assert.match((await asNobody(line('free', ", class: 'a\\nb'")))[0]!, /InvalidParameter/);
  });

  it('of all interfaces run the scripts of --all for nobody who may not do that with every interface', async () => {
    const declared = ['free', 'near'].map(name => ({ interface: name, logical: name, classes: ['lab'] }));
    await using daemon = await daemonWith({ stanzas: { near: [], free: [] }, declared, allow: ['free'] });
    const scripts = join(daemon.folder, 'scripts');
    writeFileSync(
      join(daemon.plugins, 'scripts.mjs'),
      `import { appendFileSync } from 'node:fs';
       export default { name: 'scripts', version: '1.0.0', apply(netconf) {
         for (const hook of ['create', 'preUp', 'postUp', 'preDown', 'postDown', 'destroy'])
           netconf.hooks[hook].tap('x', operation => {
             if (operation.interface === '--all') appendFileSync(${JSON.stringify(scripts)}, hook + '\\n');
           });
       } };`,
    );
    await daemon.client.call('LoadPlugin', { name: 'scripts' });
    chmodSync(daemon.folder, 0o755);
    const asked = [
      "'Up', { all: 'lab' }",
      "'Up', { all: 'lab', exclude: ['*'] }",
      "'Up', { all: 'lab', exclude: ['near'] }",
      "'Up', { all: 'nobody', class: 'x' }",
      "'Down', { all: 'auto' }",
    ];
    const outcomes = await asNobody(
      `import { connect } from ${JSON.stringify(new URL('../../core/control/client.ts', import.meta.url).pathname)};
       process.setgroups([]); process.setgid(65534); process.setuid(65534);
       const client = await connect({ socket: ${JSON.stringify(daemon.socket)} });
       const say = call => call.then(r => r.results.map(one => one.state).join(), e => e.code);
       ${asked.map(one => `console.log(await say(client.call(${one})));`).join('\n')}
       console.log(await say(client.call('Up', { all: 'nobody', force: true })));
       client.close();`,
    );
    assert.deepEqual(outcomes, ['unknown,refused', '', 'unknown', '', '', 'Denied']);
    assert.equal(existsSync(scripts), false);
    await daemon.client.call('Up', { all: 'nobody' });
    assert.equal(readFileSync(scripts, 'utf8'), 'create\npreUp\npostUp\n');
  });

  it('are Reentrant from inside their own programs and from hook scripts of the interface', async () => {
    await using daemon = await daemonWith({});
    addVeth(daemon);
    const call = (on: string) =>
      `#!/bin/sh\nprintf '{"method":"io.netconf.Up","parameters":{"interface":"${on}"}}\\0' | socat -t5 - UNIX-CONNECT:${daemon.socket} >> ${daemon.folder}/said\n`;
    const own = join(daemon.folder, 'own');
    writeFileSync(own, call('near'));
    chmodSync(own, 0o755);
    change(daemon, { stanzas: { near: [script(own)], far: [address('192.0.2.3/24')] }, plans: {} });
    assert.equal((await up(daemon, 'near')).state, 'configured');
    const said = () => readFileSync(join(daemon.folder, 'said'), 'utf8');
    assert.match(said(), /io\.netconf\.Reentrant.*near: the request comes from inside an operation of near/);
    // Of another interface it is an operation like others, and one that closes a circle is told so.
    const other = join(daemon.folder, 'other');
    writeFileSync(other, call('far'));
    chmodSync(other, 0o755);
    change(daemon, { stanzas: { near: [script(other)], far: [address('192.0.2.3/24')] } });
    await down(daemon, 'near');
    assert.equal((await up(daemon, 'near')).state, 'configured');
    assert.ok(has(daemon, 'far', '192.0.2.3'));
    await down(daemon, 'near');
    await down(daemon, 'far');
    change(daemon, {
      stanzas: { near: [script(other)], far: [address('192.0.2.3/24')] },
      plans: { far: { prerequisites: ['near'] } },
    });
    await up(daemon, 'near');
    assert.match(said(), /wait for each other in a circle: far → near → far/);
    const hook = join(daemon.hooks, 'custom-thing.d');
    mkdirSync(hook);
    writeFileSync(join(hook, 'call'), call('far'));
    chmodSync(join(hook, 'call'), 0o755);
    await daemon.client.call('Emit', { event: 'custom-thing', interface: 'far', wait: true });
    assert.match(said(), /Reentrant.*far: the request comes from inside a script of custom-thing on far/);
  });

  it('of all interfaces of a class go on past those that fail, leave out what is excluded, and end in reverse', async () => {
    await using daemon = await daemonWith({
      stanzas: {
        va: [address('192.0.2.1/24')],
        vb: [{ ...wait, step: 'Nobody' }],
        vd: [address('192.0.2.4/24')],
      },
      declared: ['va', 'vb', 'vc', 'vd', 'skip1'].map(name => ({
        interface: name,
        logical: name,
        classes: name === 'vd' ? ['other'] : ['lab'],
      })),
    });
    addVeth(daemon, 'va', 'vx');
    addVeth(daemon, 'vb', 'vd');
    const { results = [] } = await daemon.client.call('Up', { all: 'lab', exclude: ['skip*'] });
    assert.deepEqual(
      results.map(({ interface: on, state }) => `${on} ${state}`),
      ['va configured', 'vb failed', 'vc unknown'],
    );
    const ended = await daemon.client.call('Down', { all: 'auto' });
    assert.deepEqual(
      ended.results?.map(({ interface: on, state }) => `${on} ${state}`),
      ['va deconfigured'],
    );
  });

  it('follow a link that goes away and comes back: it is another one', async () => {
    await using daemon = await daemonWith({ stanzas: { near: [address('192.0.2.1/24')] } });
    addVeth(daemon);
    await up(daemon, 'near');
    daemon.ip('link', 'del', 'near');
    await daemon.event('interface.deconfigured', { interface: 'near' });
    addVeth(daemon);
    assert.deepEqual(await interfaces(daemon), []);
    assert.equal((await up(daemon, 'near')).state, 'configured');
    assert.ok(has(daemon, 'near', '192.0.2.1'));
  });

  it('can be asked for by plugins, with the event as the cause', async () => {
    await using daemon = await daemonWith({ stanzas: { near: [address('192.0.2.1/24')] } });
    addVeth(daemon);
    const { id } = await daemon.client.call('Emit', { event: 'please-ifup', interface: 'near' });
    await daemon.event('interface.configured', { interface: 'near' });
    const request = await daemon.event('request.ifup', { interface: 'near' });
    assert.equal(request.cause, id);
    assert.equal(request.source, 'plugin:world');
  });

  it('are refused by a daemon that observes', async () => {
    await using daemon = await daemonWith(
      { stanzas: { near: [address('192.0.2.1/24')] } },
      { args: ['--observe'] },
    );
    addVeth(daemon);
    await assert.rejects(up(daemon, 'near'), { code: 'Denied' });
    await assert.rejects(daemon.client.call('Up', { all: 'auto' }), { code: 'Denied' });
    assert.ok(!has(daemon, 'near', '192.0.2.1'));
  });
});

/** Runs a module as nobody; the lines that it prints. */
function asNobody(module: string): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx/esm', '--input-type=module', '-e', module], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise(resolve => child.once('close', () => resolve(text.trim().split('\n'))));
}
