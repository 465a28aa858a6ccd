import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programs, startDaemon, until } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { addVeth } from '../../veth.ts';

const examples = fileURLToPath(new URL('../../../examples', import.meta.url));
const configurationFor = (folder: Folder) =>
  `plugins: {conditions: {directory: ${folder.path}/conditions.d}}\n`;

/** A program that says in the file `ran` with what it was run. */
function recorder(folder: Folder): string {
  const text = `#!/bin/sh\nread -r json\necho "$1 $IFACE $NETCONF_SSID $NETCONF_CONDITION \${json#*name}" >>${folder.path}/ran\n`;
  const path = folder.write('record', text);
  chmodSync(path, 0o755);
  return path;
}

const ran = (folder: Folder) =>
  existsSync(join(folder.path, 'ran'))
    ? readFileSync(join(folder.path, 'ran'), 'utf8').split('\n').slice(0, -1)
    : [];

describe('conditions', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('run a program with the event that met them, and it is in the history of that event', async () => {
    using folder = new Folder();
    folder.write(
      'conditions.d/home',
      `on home-lan-connected SSID=h*\n  and tea\ndo run ${recorder(folder)}\n`,
    );
    await using daemon = await startDaemon({ configuration: configurationFor(folder) });
    daemon.netconf('emit', 'tea');
    daemon.netconf('emit', 'home-lan-connected', 'SSID=other', '--interface', 'lo');
    daemon.netconf('emit', 'home-lan-connected', 'SSID=home', '--interface', 'lo');
    const met = await daemon.event('condition.met');
    assert.deepEqual(met.data, { condition: 'home:1', actions: [`run ${folder.path}/record`] });
    assert.equal(met.interface, 'lo');
    const cause = daemon.events.find(({ id }) => id === met.cause)!;
    assert.deepEqual(cause.data, { SSID: 'home' });
    const [line] = await until('the run', () => ran(folder).length > 0 && ran(folder));
    assert.match(line!, /^home-lan-connected lo home home:1 ":"home-lan-connected".*"SSID":"home"/);
    const entry = await until('the history', async () => {
      const { entries } = await daemon.client.call('History', { id: cause.id });
      return entries.find(({ runs }) => runs[0]?.status === 0);
    });
    assert.equal(entry.runs[0]?.script, `${folder.path}/record`);
  });

  it('emit for the interface that IFACE names, and for that of the event otherwise', async () => {
    using folder = new Folder();
    folder.write('conditions.d/vpn', 'on tea\ndo emit named IFACE=lo KIND=green\ndo emit other KIND=black\n');
    await using daemon = await startDaemon({ configuration: configurationFor(folder) });
    daemon.netconf('emit', 'tea');
    const other = await daemon.event('other');
    const named = daemon.events.find(({ name }) => name === 'named')!;
    assert.equal(named.interface, 'lo');
    assert.deepEqual(named.data, { KIND: 'green' });
    assert.equal(other.interface, undefined);
    assert.deepEqual(other.data, { KIND: 'black' });
  });

  it('come true when the daemon is ready, each time it is', async () => {
    using folder = new Folder();
    folder.write('conditions.d/ready', `on daemon.ready\ndo run ${recorder(folder)}\n`);
    const setup = { configuration: configurationFor(folder), folder: join(folder.path, 'daemon') };
    for (const times of [1, 2]) {
      await using _ = await startDaemon(setup);
      await until('the run', () => ran(folder).length >= times);
      assert.equal(ran(folder).length, times);
    }
  });

  it('bring an interface up while a span lasts, and down when it ends', async () => {
    using folder = new Folder();
    folder.write(
      'conditions.d/cable',
      'on from link.carrier until link.no-carrier\ndo ifup far\nend ifdown far\n',
    );
    await using daemon = await startDaemon({
      configuration: configurationFor(folder),
      policies: { far: '[IFUP]\nstartat Static\n[cfg Static]\naddress 192.0.2.1/24\n' },
    });
    const has = (wanted: boolean) =>
      until(
        `address: ${wanted}`,
        () => daemon.ip('address', 'show', 'dev', 'far').includes('192.0.2.1') === wanted,
      );
    daemon.ip('link', 'add', 'near', 'type', 'veth', 'peer', 'far');
    daemon.ip('link', 'set', 'far', 'up');
    daemon.ip('link', 'set', 'near', 'up');
    await has(true);
    daemon.ip('link', 'set', 'near', 'down');
    await has(false);
    const { data } = await daemon.event('condition.ended');
    assert.deepEqual(data, { condition: 'cable:1', actions: ['ifdown far'] });
  });

  it('go on over a restart of the daemon by force, and after a change of other conditions', async () => {
    using folder = new Folder();
    const netns = `ncc${process.pid}`;
    execFileSync('ip', ['netns', 'add', netns]);
    try {
      folder.write('conditions.d/office', `on a unless from office until home\ndo run ${recorder(folder)}\n`);
      const setup = { configuration: configurationFor(folder), folder: `${folder.path}/daemon`, netns };
      const memory = `${setup.folder}/conditions.json`;
      const first = await startDaemon(setup);
      first.netconf('emit', 'office');
      first.netconf('emit', 'a');
      await until('memory', () => readFileSync(memory, 'utf8').includes('[true,[""]]'));
      await first.stop('SIGKILL');
      folder.write('conditions.d/other', 'on x\ndo ifup\n');
      await using second = await startDaemon(setup);
      assert.deepEqual(ran(folder), []);
      assert.match(
        second.netconf('explain', 'home'),
        /office:1 waits: a \[has happened\] and not from office until home \[holds\]; this event would meet it: run/,
      );
      second.netconf('emit', 'home');
      await until('the run', () => ran(folder).length === 1);
    } finally {
      execFileSync('ip', ['netns', 'del', netns]);
    }
  });

  it('begin anew when they were removed meanwhile, also when no other was left', async () => {
    using folder = new Folder();
    const text = `on a and b\ndo run ${recorder(folder)}\n`;
    const path = folder.write('conditions.d/both', text);
    await using daemon = await startDaemon({ configuration: configurationFor(folder) });
    daemon.netconf('emit', 'a');
    await until('memory', () =>
      /\[true,false\]/.test(readFileSync(`${daemon.folder}/conditions.json`, 'utf8')),
    );
    rmSync(path);
    daemon.netconf('reload');
    await until('it is forgotten', () => !existsSync(`${daemon.folder}/conditions.json`));
    folder.write('conditions.d/both', text);
    daemon.netconf('reload');
    const state = () => daemon.netconf('explain', 'b');
    assert.match(state(), /both:1 waits: a \[has not happened\] and b \[has not happened\]/);
  });

  it('are read again by a reload; a file with a mistake counts for nothing and is told, the others are in force', async () => {
    using folder = new Folder();
    const record = recorder(folder);
    await using daemon = await startDaemon({ configuration: configurationFor(folder) });
    folder.write('conditions.d/good', `on a\ndo run ${record}\n`);
    folder.write('conditions.d/bad', `on a\ndo run ${record}\non b c\ndo ifup\n`);
    folder.write('conditions.d/bad.dpkg-old', `on a\ndo run ${record}\n`);
    daemon.netconf('emit', 'a');
    daemon.netconf('reload');
    await until('the mistake', () =>
      daemon.output().includes(`${folder.path}/conditions.d/bad:3:6: c was not expected`),
    );
    daemon.netconf('emit', 'a');
    await until('the run', () => ran(folder).length > 0);
    assert.equal(ran(folder).length, 1);
  });

  it('use no file and no program that others could have written, and say so', async () => {
    using folder = new Folder();
    const record = recorder(folder);
    folder.write('conditions.d/mine', `on a\ndo run ${record}\n`);
    chmodSync(folder.write('conditions.d/theirs', `on a\ndo run ${record}\n`), 0o666);
    chmodSync(record, 0o777);
    await using daemon = await startDaemon({ configuration: configurationFor(folder) });
    await until('the refusal', () => /conditions\.d\/theirs: .*writable/.test(daemon.output()));
    daemon.netconf('emit', 'a');
    const { data } = await daemon.event('condition.failed');
    assert.match((data as { message: string }).message, /writable/);
    assert.deepEqual(ran(folder), []);
  });

  it('fail by name: an operation that fails, an event about no interface, a program that fails', async () => {
    using folder = new Folder();
    const fails = folder.write('fails', '#!/bin/sh\necho first; echo the reason; exit 3\n');
    chmodSync(fails, 0o755);
    folder.write('conditions.d/x', `on a\ndo ifup nothing0\ndo ifup\ndo run ${fails}\ndo run /nonexistent\n`);
    await using daemon = await startDaemon({ configuration: configurationFor(folder) });
    daemon.netconf('emit', 'a');
    const failures = await until('four failures', () => {
      const found = daemon.events.filter(({ name }) => name === 'condition.failed');
      return found.length === 4 && found.map(({ data }) => data as { action: string; message: string });
    });
    assert.deepEqual(
      failures.map(({ action }) => action),
      ['ifup nothing0', 'ifup', `run ${fails}`, 'run /nonexistent'],
    );
    assert.match(failures[1]!.message, /a is about no interface/);
    assert.match(failures[2]!.message, /ended with status 3: the reason/);
  });

  it('do not follow themselves for ever: an event that leads to itself is held', async () => {
    using folder = new Folder();
    const again = folder.write(
      'again',
      `#!/bin/sh\nexec ${process.execPath} ${programs.netconf} emit ping\n`,
    );
    chmodSync(again, 0o755);
    folder.write('conditions.d/x', `on ping\ndo run ${again}\non echo\ndo emit echo\n`);
    await using daemon = await startDaemon({ configuration: configurationFor(folder) });
    for (const name of ['ping', 'echo']) {
      daemon.netconf('emit', name);
      const held = await until(`${name} is held`, async () => {
        const { entries } = await daemon.client.call('History', { names: [name], limit: 100 });
        return entries.some(({ state }) => state === 'held') && entries;
      });
      assert.ok(held.length <= 10, `${held.length}`);
    }
  });

  it('are found wrong by netconf check, with file, line and column, without a daemon', () => {
    using folder = new Folder();
    const config = folder.write('netconf.yaml', configurationFor(folder));
    folder.write('conditions.d/x', 'on a\ndo ifup\non (b\ndo ifup\n');
    const { status, stdout } = spawnSync(process.execPath, [programs.netconf, 'check', '--config', config], {
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stdout, /conditions\.d\/x:3:5: error: a \) is missing/);
  });

  it('do nothing in a daemon that observes', async () => {
    using folder = new Folder();
    folder.write('conditions.d/x', `on a\ndo run ${recorder(folder)}\n`);
    await using daemon = await startDaemon({ configuration: configurationFor(folder), args: ['--observe'] });
    daemon.netconf('emit', 'a');
    await daemon.event('condition.met');
    daemon.netconf('emit', 'b', '--wait');
    assert.deepEqual(ran(folder), []);
  });

  it('are the chain of the example: a link, a script that looks where it is, a job that starts', async () => {
    using folder = new Folder();
    const text = readFileSync(join(examples, 'conditions/vpn'), 'utf8').replaceAll('vpn0', 'far');
    folder.write('conditions.d/vpn', text);
    await using daemon = await startDaemon({
      configuration: configurationFor(folder),
      hooks: join(examples, 'hooks.d'),
      policies: { far: '[IFUP]\nstartat Static\n[cfg Static]\naddress 192.0.2.1/24\n' },
    });
    const tunnel = () => daemon.ip('address', 'show', 'dev', 'far').includes('192.0.2.1');
    addVeth(daemon);
    daemon.ip('address', 'add', '192.168.7.2/24', 'dev', 'near');
    await until('the tunnel', tunnel);
    daemon.ip('address', 'add', '10.20.3.4/16', 'dev', 'near');
    await daemon.event('office-lan-connected');
    await until('no tunnel in the office', () => !tunnel());
  });
});
