import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginReport } from '../core/control/api.ts';
import { connect } from '../core/control/client.ts';
import { programs, startDaemon, type TestDaemon, until } from './daemon.ts';
import { Folder } from './folder.ts';
import { needs, skip } from './setup.ts';

const openFiles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
const reportOf = async (daemon: TestDaemon, name: string): Promise<PluginReport | undefined> =>
  (await daemon.client.call('Plugins', {})).plugins.find(plugin => plugin.name === name);

describe('the daemon', function () {
  this.timeout(60_000);

  it('observes as an ordinary user: tells what there is, changes nothing, and ends in order', async function () {
    needs(this, { root: true, programs: ['setpriv', 'ip'] });
    await using daemon = await startDaemon({
      user: 65534,
      args: ['--observe'],
      hooks: { 'link.up.d/10-x': '#!/bin/sh\nid -u\n' },
    });
    const lo = daemon.events.find(event => event.name === 'link.added' && event.interface === 'lo');
    assert.equal(lo?.replayed, true);
    const before = daemon.ip('-j', 'address');
    daemon.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
    daemon.ip('link', 'set', 'v0', 'up');
    const up = await daemon.event('link.up', { interface: 'v0' });
    const [entry] = await until('the script of link.up', async () => {
      const { entries } = await daemon.client.call('History', { id: up.id });
      return entries[0]?.state === 'done' ? entries : undefined;
    });
    assert.equal(entry?.runs[0]?.output, '65534\n');
    const status = await daemon.client.callStatus();
    assert.equal(status.daemon?.observe, true);
    daemon.ip('link', 'del', 'v0');
    await daemon.event('link.removed', { interface: 'v0' });
    assert.equal(daemon.ip('-j', 'address'), before);
    assert.deepEqual(await daemon.stop(), { status: 0, signal: null });
    assert.ok(!existsSync(daemon.socket));
  });

  it('prints each event as a readable line with name and interface, also into a pipe', async function () {
    needs(this, { root: true, programs: ['ip'] });
    await using daemon = await startDaemon({ json: false });
    daemon.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
    await until('the lines', () => /^\d\d:\d\d:\d\d\.\d{3} link\.added v0 /m.test(daemon.output()));
    assert.match(daemon.output(), /^\S+ daemon\.ready - /m);
  });

  it('goes on under plugins of every bad kind, and the good ones and other clients notice nothing', async function () {
    needs(this, { root: true, programs: ['ip'] });
    const named = (name: string, apply: string) =>
      `export default { name: '${name}', apply(netconf) { ${apply} } };`;
    await using daemon = await startDaemon({
      plugins: {
        'good.mjs': named(
          'good',
          "netconf.on('custom', event => netconf.emit('seen-by-good', { of: event.id }, { cause: event }));",
        ),
        'syntax.mjs': 'export default { name: ',
        'throws.mjs': 'throw new Error("while loading");',
        'nonsense.mjs': 'export default () => 42;',
        'listener.mjs': named('listener', "netconf.on('custom', () => { throw new Error('in listener'); });"),
        'rejects.mjs': named(
          'rejects',
          "netconf.on('custom', async () => { throw new Error('rejected'); });",
        ),
        'never.mjs': named('never', "netconf.on('custom', () => new Promise(() => {}));"),
        'tap.mjs': named(
          'tap',
          "netconf.hooks.reaction.tap('t', () => { throw new Error('in tap'); }); netconf.hooks.environment.tap('t', () => 'nonsense');",
        ),
        'later.mjs': named(
          'later',
          "netconf.on('custom', () => { setTimeout(() => { throw new Error('in a timer'); }, 1); Promise.reject(new Error('unawaited')); });",
        ),
        'getter.mjs': named(
          'getter',
          "netconf.on('go', () => netconf.emit('poison', { get bad() { throw new Error('in a getter'); } }));",
        ),
        'circle.mjs': named(
          'circle',
          "netconf.on('go', () => { const data = {}; data.self = data; netconf.emit('circle', data); });",
        ),
        'bigint.mjs': named(
          'bigint',
          "netconf.on('go', () => netconf.emit('bigint', { big: 10n ** 400n }));",
        ),
      },
      hooks: { 'custom.d/10-x': '#!/bin/sh\necho "ran for $NETCONF_N"\n' },
    });
    await using other = await connect({ socket: daemon.socket });
    const watched: string[] = [];
    const watching = (async () => {
      for await (const { event } of other.stream('Monitor', {
        names: ['seen-by-good', 'poison', 'circle', 'bigint', 'last'],
      })) {
        if (event) watched.push(event.name);
        if (event?.name === 'last') break;
      }
    })();
    await until(
      'the subscription',
      async () => (await daemon.client.callStatus()).daemon?.counters.subscribers === 1,
    );
    for (let n = 0; n < 5; n++) {
      const { entry } = await daemon.client.call('Emit', { event: 'custom', data: { n }, wait: true });
      assert.deepEqual(
        entry?.runs.map(run => run.output),
        [`ran for ${n}\n`],
      );
    }
    await daemon.client.call('Emit', { event: 'go', wait: true });
    await daemon.client.call('Emit', { event: 'last', wait: true });
    await watching;
    assert.equal(watched.filter(name => name === 'seen-by-good').length, 5);
    assert.equal(watched.at(-1), 'last');
    const states = Object.fromEntries(
      (await daemon.client.call('Plugins', {})).plugins.map(plugin => [plugin.name, plugin.state]),
    );
    for (const name of ['syntax', 'throws', 'nonsense']) assert.equal(states[name], 'failed', name);
    assert.equal(states.good, 'loaded');
    assert.ok(((await reportOf(daemon, 'listener'))?.failures ?? 0) >= 5);
  });

  it('loads and unloads plugins while it runs, and files and memory come back', async function () {
    needs(this, { root: true });
    await using daemon = await startDaemon();
    writeFileSync(
      join(daemon.plugins, 'late.mjs'),
      "export default { name: 'late', apply(netconf) { netconf.on('link.added', event => netconf.emit('late-saw', { replayed: event.replayed }, { interface: event.interface })); } };",
    );
    await daemon.client.call('LoadPlugin', { name: 'late' });
    assert.deepEqual((await daemon.event('late-saw', { interface: 'lo' })).data, { replayed: true });
    const before = openFiles(daemon.pid);
    for (let i = 0; i < 50; i++) {
      await daemon.client.call('UnloadPlugin', { name: 'late' });
      await daemon.client.call('LoadPlugin', { name: 'late' });
    }
    assert.equal(openFiles(daemon.pid), before);
    await daemon.client.call('UnloadPlugin', { name: 'late' });
    await assert.rejects(daemon.client.call('UnloadPlugin', { name: 'late' }), { code: 'NoSuchPlugin' });
    await assert.rejects(daemon.client.call('LoadPlugin', { name: '../../etc/passwd' }), {
      code: 'NoSuchPlugin',
    });
  });

  it('keeps out the plugin whose code was running when it was killed, until somebody loads it', async function () {
    needs(this, { root: true });
    using folder = new Folder({
      'plugins/endless.mjs':
        "export default { name: 'endless', apply(netconf) { netconf.on('spin', () => { for (;;); }); } };",
      'netconf.yaml': '',
    });
    const socket = join(folder.path, 'control');
    const args = [
      '--socket',
      socket,
      '--plugins',
      join(folder.path, 'plugins'),
      '--config',
      join(folder.path, 'netconf.yaml'),
    ];
    const begin = async () => {
      const child = spawn(process.execPath, [programs.netconfd, '--observe', ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', text => {
        said += text;
      });
      await until('its welcome', () => said.includes('Control socket'));
      return { child, said: () => said, ended: new Promise(resolve => child.once('close', resolve)) };
    };
    const first = await begin();
    const client = await connect({ socket });
    client.call('Emit', { event: 'spin' }).catch(() => undefined);
    await until('the loop on record', () => readFileSync(`${socket}.running`)[0] !== 0);
    // What has only just begun is blamed for nothing.
    await sleep(1100);
    first.child.kill('SIGKILL');
    await first.ended;
    client.close();

    const second = await begin();
    await using again = await connect({ socket });
    const { plugins } = await again.call('Plugins', {});
    const endless = plugins.find(({ name }) => name === 'endless');
    assert.equal(endless?.state, 'disabled');
    assert.match(endless?.reason ?? '', /its code was running when netconfd was ended/);
    assert.match(second.said(), /endless: disabled/);
    assert.equal((await again.call('LoadPlugin', { name: 'endless' })).plugin.state, 'loaded');
    second.child.kill('SIGTERM');
    assert.equal(await second.ended, 0);
    assert.ok(!existsSync(`${socket}.running`));
  });

  it('starts without the plugin whose module never came to an end', async function () {
    needs(this, { root: true });
    using folder = new Folder({ 'plugins/stuck.mjs': 'for (;;);', 'netconf.yaml': '' });
    const socket = join(folder.path, 'control');
    const own = ['--plugins', join(folder.path, 'plugins'), '--config', join(folder.path, 'netconf.yaml')];
    const begin = () =>
      spawn(process.execPath, [programs.netconfd, '--observe', '--socket', socket, ...own], {
        stdio: 'ignore',
      });
    const onRecord = () => {
      const content = existsSync(`${socket}.running`) ? readFileSync(`${socket}.running`) : Buffer.alloc(1);
      return content.subarray(9).toString().split('\n')[content[0]! - 1];
    };
    const first = begin();
    await until('the module on record', () => onRecord() === 'stuck')
      .then(() => sleep(1100))
      .finally(() => first.kill('SIGKILL'));
    await new Promise(resolve => first.once('close', resolve));
    const second = begin();
    try {
      await using client = await until('the new daemon', () => connect({ socket }).catch(() => undefined));
      const { plugins } = await client.call('Plugins', {});
      assert.equal(plugins.find(({ name }) => name === 'stuck')?.state, 'disabled');
      second.kill();
      assert.equal(await new Promise(resolve => second.once('close', resolve)), 0);
    } finally {
      second.kill('SIGKILL');
    }
  });

  it('does not start beside a living daemon, and replaces what a dead one left', async function () {
    needs(this, { root: true });
    await using daemon = await startDaemon();
    const line = [
      programs.netconfd,
      '--observe',
      '--socket',
      daemon.socket,
      '--config',
      daemon.configuration,
    ];
    const second = spawnSync(process.execPath, line, { encoding: 'utf8', timeout: 20_000 });
    assert.equal(second.status, 1);
    assert.match(second.stderr, /another netconfd answers on .*control/);
    assert.match(second.stderr, /choose another socket/);
    assert.ok((await daemon.client.callStatus()).daemon);

    process.kill(daemon.pid, 'SIGKILL');
    await until(
      'its end',
      () =>
        !existsSync(`/proc/${daemon.pid}`) ||
        readFileSync(`/proc/${daemon.pid}/stat`, 'utf8').includes(') Z'),
    );
    const third = spawn(process.execPath, line, { stdio: 'ignore' });
    const status = await until('the new daemon', async () => {
      try {
        await using client = await connect({ socket: daemon.socket });
        return (await client.callStatus()).daemon;
      } catch {
        return undefined;
      }
    });
    assert.equal(status.pid, third.pid);
    third.kill();
    await new Promise(resolve => third.once('close', resolve));
  });

  it('reloads by SIGHUP and by call: a bad configuration leaves the old one in force and says why', async function () {
    needs(this, { root: true });
    await using daemon = await startDaemon({
      configuration: 'hooks: {deadline: 7}\n',
      hooks: { 'x.d/1': '#!/bin/sh\n' },
    });
    const deadline = async () =>
      (await daemon.client.call('Explain', { event: 'x' })).explanation?.scripts[0]?.deadline;
    assert.equal(await deadline(), 7);
    writeFileSync(daemon.configuration, 'hooks: {deadline: 9}\nplugins: {damping: false}\n');
    process.kill(daemon.pid, 'SIGHUP');
    await daemon.event('daemon.reloaded');
    assert.equal(await deadline(), 9);
    assert.equal((await reportOf(daemon, 'damping'))?.state, 'unloaded');
    writeFileSync(daemon.configuration, 'hooks:\n  deadline: never\n');
    await assert.rejects(daemon.client.call('Reload', {}), error => {
      assert.equal((error as { code?: string }).code, 'BadConfiguration');
      assert.match((error as Error).message, /netconf\.yaml:2:3: hooks\.deadline: /);
      return true;
    });
    assert.equal(await deadline(), 9);
    const { daemon: status } = await daemon.client.callStatus();
    assert.match(status?.rejected ?? '', /hooks\.deadline/);
    writeFileSync(daemon.configuration, '');
    await daemon.client.call('Reload', {});
    assert.equal(await deadline(), 30);
    assert.equal((await daemon.client.callStatus()).daemon?.rejected, undefined);
    assert.equal((await reportOf(daemon, 'damping'))?.state, 'loaded');
  });

  it('takes a SIGHUP that comes while it starts once it has started', async function () {
    needs(this, { root: true, programs: ['ip'] });
    using folder = new Folder();
    const begun = join(folder.path, 'begun');
    const starting = startDaemon({
      plugins: {
        'slow.mjs': `import { writeFileSync } from 'node:fs';
          export default { name: 'slow', async apply(netconf) {
            writeFileSync(${JSON.stringify(begun)}, String(process.pid));
            await new Promise(resolve => setTimeout(resolve, 500));
            netconf.emit('slow-applied'); } };`,
      },
    });
    const pid = await until('the plugin', () => existsSync(begun) && Number(readFileSync(begun, 'utf8')));
    process.kill(pid, 'SIGHUP');
    await using daemon = await starting;
    await daemon.event('daemon.reloaded');
    const names = daemon.events.map(({ name }) => name);
    assert.ok(names.indexOf('daemon.reloaded') > names.indexOf('daemon.ready'), names.join(' '));
    assert.equal(names.filter(name => name === 'slow-applied').length, 1);
  });

  it('makes its socket where NETCONF_SOCKET says, seen from where it was started', async () => {
    using folder = new Folder({ 'netconf.yaml': '' });
    const line = [programs.netconfd, '--config', join(folder.path, 'netconf.yaml')];
    const env = { PATH: process.env.PATH, NETCONF_SOCKET: 'relative' };
    const daemon = spawn(process.execPath, line, { cwd: folder.path, env, stdio: 'ignore' });
    try {
      await until('its socket', () => existsSync(join(folder.path, 'relative')));
      await using client = await connect({ socket: join(folder.path, 'relative') });
      assert.equal((await client.callStatus()).daemon?.socket, join(folder.path, 'relative'));
    } finally {
      daemon.kill();
    }
    assert.equal(await new Promise(resolve => daemon.once('close', resolve)), 0);
  });

  it('tells systemd that it is ready, reloads, lives and stops', async function () {
    needs(this, { root: true, programs: ['python3'] });
    using folder = new Folder();
    const path = join(folder.path, 'notify');
    const listener = spawn('python3', [
      '-uc',
      `import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(${JSON.stringify(path)}); print('bound')
while True: print('|'.join(s.recv(4096).decode().split('\\n')))`,
    ]);
    let heard = '';
    listener.stdout.setEncoding('utf8').on('data', text => {
      heard += text;
    });
    try {
      await until('the listener', () => heard.includes('bound'));
      const daemon = await startDaemon({ env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' } });
      await until('READY', () => /^READY=1/m.test(heard));
      await until('two signs of life', () => (heard.match(/^WATCHDOG=1$/gm) ?? []).length >= 2);
      await daemon.client.call('Reload', {});
      await until('RELOADING', () => /^RELOADING=1\|MONOTONIC_USEC=\d+/m.test(heard));
      await daemon.stop();
      await until('STOPPING', () => /^STOPPING=1/m.test(heard));
    } finally {
      listener.kill();
    }
  });

  it('lets other users read only, until a plugin answers for them', async function () {
    needs(this, { root: true, programs: ['setpriv', 'python3'] });
    await using daemon = await startDaemon({
      plugins: {
        'gate.mjs': `export default { name: 'gate', apply(netconf) {
          netconf.hooks.authorise.tapPromise('gate', async ({ action, subject, peer }) =>
            action === 'EMIT' && subject === 'allowed' && peer.groups.includes(4242) ? { allow: true }
              : action === 'EMIT' && subject === 'forbidden' ? { allow: false, reason: 'not this one' } : undefined); } };`,
      },
    });
    execFileSync('chmod', ['755', daemon.folder]);
    const netconf = (...words: string[]) =>
      spawnSync(
        'setpriv',
        ['--reuid=65534', '--regid=65534', '--groups=4242', process.execPath, programs.netconf, ...words],
        {
          encoding: 'utf8',
          env: { PATH: process.env.PATH, NETCONF_SOCKET: daemon.socket },
        },
      );
    assert.equal(netconf('status').status, 0);
    assert.equal(netconf('explain', 'link.up').status, 0);
    assert.equal(netconf('emit', 'allowed').status, 0);
    for (const words of [
      ['emit', 'other'],
      ['history'],
      ['plugins'],
      ['reload'],
      ['plugin', 'unload', 'gate'],
    ]) {
      const refused = netconf(...words);
      assert.equal(refused.status, 4, words.join(' '));
      assert.match(refused.stderr, /uid 65534 may not/, words.join(' '));
    }
    assert.match(netconf('emit', 'forbidden').stderr, /not this one/);
  });

  it('links what a script emits through the socket to the event that ran it, and ends a loop of scripts', async function () {
    needs(this, { root: true });
    await using daemon = await startDaemon({
      hooks: { 'again.d/10-loop': `#!/bin/sh\nexec ${process.execPath} ${programs.netconf} emit again\n` },
    });
    await daemon.client.call('Emit', { event: 'again' });
    const held = await until('the held event', async () => {
      const { entries } = await daemon.client.call('History', { names: ['again'] });
      return entries.find(entry => entry.state === 'held');
    });
    assert.match(held.reason ?? '', /chain of 9 events/);
    const emitted = daemon.events.filter(event => event.name === 'again');
    assert.equal(emitted.length, 10);
    assert.deepEqual(
      emitted.slice(1).map(event => event.cause),
      emitted.slice(0, -1).map(event => event.id),
    );
  });

  it('answers Reentrant at once to a script that would wait for itself, or in a circle', async function () {
    needs(this, { root: true });
    const emit = `${process.execPath} ${programs.netconf} emit`;
    await using daemon = await startDaemon({
      hooks: {
        'self.d/10': `#!/bin/sh\n${emit} self-two --interface a --wait\n`,
        'self-two.d/10': '#!/bin/sh\necho must not deadlock\n',
        'ring.d/10': `#!/bin/sh\n[ "$NETCONF_N" ] || exit 0\nif [ "$IFACE" = a ]; then other=b; else other=a; fi\nsleep 1\n${emit} ring --interface $other --wait\n`,
      },
    });
    const { entry } = await daemon.client.call('Emit', { event: 'self', interface: 'a', wait: true });
    assert.equal(entry?.runs[0]?.status, 5);
    assert.match(entry?.runs[0]?.output ?? '', /inside a script of the queue/);
    const both = await Promise.all(
      ['a', 'b'].map(async name => {
        await using client = await connect({ socket: daemon.socket });
        return (await client.call('Emit', { event: 'ring', interface: name, data: { n: 1 }, wait: true }))
          .entry;
      }),
    );
    const outputs = both.map(each => each?.runs[0]?.output ?? '').join('\n');
    assert.match(outputs, /close a circle: .*a.* → .*b.* → .*a|close a circle: .*b.* → .*a.* → .*b/);
  });

  it('never waits for whoever reads its output, stuck or gone', async () => {
    using folder = new Folder({ 'netconf.yaml': '' });
    const socket = join(folder.path, 'control');
    const line = [
      programs.netconfd,
      '--json',
      '--observe',
      '--socket',
      socket,
      '--config',
      join(folder.path, 'netconf.yaml'),
    ];
    const stuck = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'ignore'] });
    await using client = await until('the stuck daemon', () => connect({ socket }).catch(() => undefined));
    const filler = 'x'.repeat(1000);
    for (let i = 0; i < 6000; i++) await client.send('Emit', { event: 'flood', data: { filler } });
    const { id } = await client.call('Emit', { event: 'last' });
    assert.ok(id > 6000);
    stuck.stdout.destroy();
    for (let i = 0; i < 100; i++) await client.send('Emit', { event: 'flood', data: { filler } });
    assert.ok((await client.call('Emit', { event: 'last' })).id > id);
    stuck.kill();
    assert.equal(await new Promise(resolve => stuck.once('close', resolve)), 0);
  });

  it('never waits for whoever reads its log, stuck or gone, and keeps little for him', async () => {
    using folder = new Folder({
      'netconf.yaml': '',
      'plugins/noisy.mjs': `export default { name: 'noisy', apply(netconf) {
        netconf.on('log', () => { for (let i = 0; i < 20_000; i++) netconf.log.info('x'.repeat(4000)); }); } };`,
    });
    const socket = join(folder.path, 'control');
    const options = ['--socket', socket, '--plugins', join(folder.path, 'plugins')];
    const line = [programs.netconfd, ...options, '--config', join(folder.path, 'netconf.yaml')];
    const daemon = spawn(process.execPath, line, { stdio: ['ignore', 'ignore', 'pipe'] });
    const kill = setTimeout(() => daemon.kill('SIGKILL'), 12_000);
    await using client = await until('the daemon', () => connect({ socket }).catch(() => undefined));
    await client.call('Emit', { event: 'log' });
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
    assert.ok(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) < 150_000, status);
    daemon.stderr.destroy();
    const spent = await client.call('Emit', { event: 'log' }).then(() => cpuOf(daemon.pid!));
    await new Promise(resolve => setTimeout(resolve, 1000));
    assert.ok(cpuOf(daemon.pid!) - spent < 50, 'it is busy with a log that nobody reads');
    assert.equal((await client.callStatus({ parts: ['daemon'] })).daemon?.pid, daemon.pid);
    daemon.kill();
    assert.equal(await new Promise(resolve => daemon.once('close', resolve)), 0);
    clearTimeout(kill);
  });

  it('says once that the kernel cannot be heard, and misses nothing when it can again', async function () {
    needs(this, { root: true, programs: ['ip', 'strace'] });
    await using daemon = await startDaemon();
    const words = [
      '-f',
      '-p',
      String(daemon.pid),
      '-e',
      'trace=recvmmsg',
      '-e',
      'inject=recvmmsg:error=EINVAL',
    ];
    const strace = spawn('strace', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    strace.stderr.setEncoding('utf8').on('data', text => {
      said += text;
    });
    await until('strace', () => /attached|not permitted/.test(said));
    if (!said.includes('attached')) skip(this, 'strace may not look at the daemon here');
    daemon.ip('link', 'add', 'v0', 'type', 'bridge');
    const complaints = () => daemon.output().match(/recvmmsg/g)?.length ?? 0;
    await until('the complaint', complaints);
    await until('a hundred looks, or a second', () => false, 1000).catch(() => undefined);
    assert.ok(complaints() <= 3, daemon.output().slice(-2000));
    strace.kill('SIGINT');
    await daemon.event('link.added', { interface: 'v0' });
    daemon.ip('link', 'add', 'v1', 'type', 'bridge');
    await daemon.event('link.added', { interface: 'v1' });
  });

  it('gives back the memory that a storm of routes took', async function () {
    this.timeout(90_000);
    needs(this, { root: true, programs: ['ip'] });
    await using daemon = await startDaemon({ json: false });
    const anonymous = () =>
      Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]);
    const before = anonymous();
    daemon.ip('link', 'add', 'br0', 'type', 'bridge');
    daemon.ip('link', 'set', 'br0', 'up');
    const destinations = Array.from(
      { length: 100_000 },
      (_, i) => `20.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    );
    for (const word of ['add', 'del'])
      execFileSync('ip', ['-n', daemon.netns!, '-batch', '-'], {
        input: destinations.map(each => `route ${word} ${each} dev br0\n`).join(''),
      });
    const routes = async () => (await daemon.client.callStatus({ parts: ['routes'] })).routes ?? [];
    await until('the last route', async () => (await routes()).every(({ dst }) => !dst.startsWith('20.')));
    await until('the memory', () => anonymous() < before + 12_000, 40_000).catch((error: Error) => {
      throw new Error(`${error.message}: ${before} kB before, ${anonymous()} kB after`);
    });
  });

  it('says what is wrong with its command line, its configuration or its network namespace', async function () {
    needs(this, { root: true, programs: ['ip'] });
    using folder = new Folder({ 'bad.yaml': 'hooks: {deadlin: 5}\n' });
    const run = (...words: string[]) =>
      spawnSync(process.execPath, [programs.netconfd, '--socket', join(folder.path, 'c'), ...words], {
        encoding: 'utf8',
        timeout: 20_000,
      });
    assert.equal(run('--nonsense').status, 2);
    assert.match(
      run('--config', join(folder.path, 'bad.yaml')).stderr,
      /bad\.yaml:1:9: hooks\.deadlin: unknown key/,
    );
    assert.match(run('--config', '/nonexistent.yaml').stderr, /no such file/);
    assert.match(run('--receive-buffer', 'lots').stderr, /a number of bytes/);
    assert.match(run('--netns', '../x').stderr, /not the name of a network namespace/);
    const absent = run('--netns', 'nowhere-at-all');
    assert.equal(absent.status, 1);
    assert.match(absent.stderr, /nowhere-at-all: there is no such network namespace\n.*ip netns list/);
    assert.equal(run('--version').stdout.trim(), JSON.parse(readFileSync('package.json', 'utf8')).version);
  });
});

/** Hundredths of a second that a process has used; proc(5). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
