import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../../core/bus/event.ts';
import { skip } from '../setup.ts';
import { Bench, until } from './hooks.ts';

const eth0 = { interface: 'eth0', ifindex: 3 };

describe('the hook runner', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());

  describe('what a script gets', () => {
    it('is the event’s name as only argument, / as directory, and the event as one line of JSON', async () => {
      bench.script('10-a', 'echo "$# $1 $(pwd)"; cat');
      const entry = await bench.run('link.up', { ...eth0, data: { new: { ifname: 'eth0' } } });
      const [first, line, rest] = entry.runs[0]?.output.split('\n') ?? [];
      assert.equal(first, '1 link.up /');
      assert.deepEqual(JSON.parse(line ?? ''), entry.event);
      assert.equal(rest, '');
    });

    it('is an environment of its own: the fixed names, the data, and nothing inherited', async () => {
      process.env.SECRET_OF_THE_DAEMON = 'x';
      bench.script('10-a', 'tr "\\0" "\\n" < /proc/$$/environ');
      const cause = bench.publish('first');
      const entry = await bench.run('link.up', {
        ...eth0,
        cause,
        data: {
          old: null,
          new: { ifname: 'eth0', 'dash-ed.key': 1.5, up: true, flags: ['UP', 'LOWER_UP'] },
          list: [{ a: 1 }, { a: [2] }],
          LD_PRELOAD: 'harmless',
          event: 'forged',
          'bad key': 1,
        },
      });
      delete process.env.SECRET_OF_THE_DAEMON;
      assert.deepEqual(entry.runs[0]?.output.split('\n').filter(Boolean).sort(), [
        'IFACE=eth0',
        `NETCONF_CAUSE=${cause.id}`,
        'NETCONF_EVENT=link.up',
        `NETCONF_EVENT_ID=${entry.event.id}`,
        'NETCONF_LD_PRELOAD=harmless',
        'NETCONF_LIST_0_A=1',
        'NETCONF_LIST_1_A=2',
        'NETCONF_NEW_DASH_ED_KEY=1.5',
        'NETCONF_NEW_FLAGS=UP LOWER_UP',
        'NETCONF_NEW_IFNAME=eth0',
        'NETCONF_NEW_UP=true',
        'NETCONF_REPLAYED=',
        `NETCONF_SOCKET=${bench.top}/control`,
        'NETCONF_SOURCE=control',
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ]);
      assert.match(entry.reason ?? '', /NETCONF_BAD KEY left out/);
    });

    it('is what plugins add, but no LD_ name, no bad name, and no fixed name changed', async () => {
      await bench.close();
      bench = new Bench({
        environment: variables => ({
          ...variables(),
          EXTRA: variables().NETCONF_EVENT ?? '',
          LD_PRELOAD: '/x',
          PATH: '/x',
          IFACE: 'lo',
          'A B': 'x',
          NUL: 'a\0b',
        }),
      });
      bench.script('10-a', 'exec env');
      const { output } = (await bench.run('link.up', eth0)).runs[0]!;
      assert.match(output, /^EXTRA=link\.up$/m);
      assert.match(output, /^IFACE=eth0$/m);
      assert.doesNotMatch(output, /LD_PRELOAD|A B|NUL|PATH=\/x/);
    });

    it('is what a listener of the event learns, where a plugin adds that', async () => {
      let learnt = 'nothing';
      await bench.close();
      bench = new Bench({ environment: variables => ({ ...variables(), LEARNT: learnt }) });
      bench.bus.on('x', 'test', () => {
        learnt = 'much';
      });
      bench.script('x.d/1', 'echo "$LEARNT"');
      assert.equal((await bench.run('x')).runs[0]?.output, 'much\n');
    });

    it('is an event of any length on its standard input, whether it reads it or not', async () => {
      const data = { text: 'x'.repeat(300_000) };
      bench.script('x.d/1', 'wc -c');
      bench.script('x.d/2', 'echo never read');
      bench.script('x.d/3', 'exec <&-; echo closed');
      bench.script('x.d/4', 'sleep 0.3; wc -c');
      const { event, runs } = await bench.run('x', { ...eth0, data });
      const length = `${JSON.stringify(event).length + 1}\n`;
      assert.deepEqual(
        runs.map(({ output, error }) => [output, error]),
        [length, 'never read\n', 'closed\n', length].map(output => [output, undefined]),
      );
    });

    it('is without a variable that the kernel would refuse, and the rest still runs', async () => {
      bench.script('10-a', 'env | grep -c ^NETCONF_; echo "$NETCONF_SMALL"');
      const entry = await bench.run('x', {
        data: {
          small: 'here',
          huge: 'x'.repeat(200_000),
          ...Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`large${n}`, 'ä'.repeat(50_000)])),
        },
      });
      assert.equal(entry.runs[0]?.status, 0, entry.runs[0]?.error);
      assert.match(entry.runs[0]?.output ?? '', /^\d+\nhere\n$/);
      assert.match(entry.reason ?? '', /NETCONF_HUGE left out of the environment: \d+ bytes/);
    });

    it('is a copy of its own: what one script reads or sets, the next still has', async () => {
      bench.script('10-a', 'cat > /dev/null; echo junk >&0; export IFACE=other');
      bench.script('20-b', 'echo "$IFACE"; cat');
      const entry = await bench.run('x', { interface: 'eth0' });
      assert.equal(entry.runs[1]?.output, `eth0\n${JSON.stringify(entry.event)}\n`);
    });

    it('has default signals, its own process group, and no descriptor but 0 to 3', async () => {
      bench.script(
        '10-a',
        'ls -m /proc/self/fd; ps -o pgid= -p $$; echo $$; grep -E "Sig(Blk|Ign)" /proc/self/status',
      );
      const [fds, group, pid, blocked, ignored] =
        (await bench.run('x')).runs[0]?.output.split('\n').map(line => line.trim()) ?? [];
      assert.equal(fds, '0, 1, 2, 3, 4', 'the fourth is the directory that ls reads');
      assert.equal(group, pid);
      assert.match(blocked ?? '', /\t0+$/);
      assert.match(ignored ?? '', /\t0+$/);
    });
  });

  describe('which events run scripts', () => {
    it('is decided by hooks.events for hooks.d itself; a folder’s own scripts always run', async () => {
      bench.script('10-all', '');
      for (const family of ['address', 'route', 'neighbour', 'hook', 'plugin', 'daemon', 'rule']) {
        bench.script(`${family}.d/10-own`, '');
      }
      const count = async (name: string) => (await bench.run(name)).runs.length;
      const quiet = [
        'address.added',
        'route.added',
        'neighbour.added',
        'hook.failed',
        'plugin.failed',
        'rule.added',
      ];
      for (const name of quiet) assert.equal(await count(name), 1, name);
      assert.equal(await count('daemon.ready'), 1);
      assert.equal(await count('link.changed'), 0);
      assert.equal(await count('link.added'), 0);
      const loud = ['link.up', 'link.down', 'link.carrier', 'link.no-carrier', 'interface.configured'];
      for (const name of [...loud, 'dhcp.bound', 'wifi.connected', 'home-lan', 'own.name', 'request.ifup']) {
        assert.equal(await count(name), 1, name);
      }
      bench.runner.configure({ events: ['link.changed', 'address.*'] });
      assert.equal(await count('link.changed'), 1);
      assert.equal(await count('link.up'), 0);
      assert.equal(await count('address.added'), 1, 'address events run only their own directories’ scripts');
    });

    it('is not the replayed ones, unless hooks.replay says so', async () => {
      bench.script('10-a', 'echo "$NETCONF_REPLAYED"');
      assert.deepEqual((await bench.run('link.up', { ...eth0, replayed: true })).runs, []);
      bench.runner.configure({ replay: true });
      assert.equal((await bench.run('link.up', { ...eth0, replayed: true })).runs[0]?.output, '1\n');
    });

    it('is not the refused requests', async () => {
      bench.script('10-a', '');
      assert.equal((await bench.run('request.ifup', { data: { refused: 'not allowed' } })).state, 'none');
      assert.equal((await bench.run('request.ifup', { data: {} })).runs.length, 1);
    });

    it('changes with a script added between two events', async () => {
      assert.equal((await bench.run('link.up', eth0)).state, 'none');
      await new Promise(resolve => setImmediate(resolve));
      bench.script('link.up.d/1', '');
      assert.equal((await bench.run('link.up', eth0)).state, 'done');
    });
  });

  describe('what becomes of a run', () => {
    it('is kept with status, time and output, and a failed script does not stop the later ones', async () => {
      bench.script('10-a', 'echo out; echo err >&2; exit 7');
      bench.script('20-b', 'kill -TERM $$');
      bench.script('30-c', 'echo last');
      const entry = await bench.run('x');
      assert.deepEqual(
        entry.runs.map(({ status, signal, output }) => ({ status, signal, output })),
        [
          { status: 7, signal: null, output: 'out\nerr\n' },
          { status: null, signal: 'SIGTERM', output: '' },
          { status: 0, signal: null, output: 'last\n' },
        ],
      );
      assert.equal(entry.state, 'done');
      assert.ok(entry.runs.every(run => run.ms > 0 && run.started >= entry.event.time));
    });

    it('is published as hook.failed, which runs its own directory only and never the script itself', async () => {
      const failures: Event[] = [];
      bench.bus.on('hook.failed', 'test', event => {
        failures.push(event as unknown as Event);
      });
      const one = bench.script('hook.failed.d/10-always-fails', 'echo sad; exit 3');
      bench.script(
        'hook.failed.d/20-notes',
        `echo "$NETCONF_SCRIPT $NETCONF_STATUS" >> ${bench.file('notes')}`,
      );
      bench.script('10-top', 'exit 0');
      bench.script('x.d/1', 'exit 4');
      const entry = await bench.run('x', eth0);
      await until(() => bench.lines('notes').length === 2, 'two failures noted');
      assert.deepEqual(bench.lines('notes'), [`${join(bench.etc, 'x.d/1')} 4`, `${one} 3`]);
      assert.equal(failures[0]?.cause, entry.event.id);
      assert.equal(failures[1]?.cause, failures[0]?.id);
      assert.equal(failures.length, 2);
      assert.deepEqual(failures[1]?.data, {
        ...failures[1]?.data,
        script: one,
        event: 'hook.failed',
        status: 3,
        signal: null,
        message: 'ended with status 3',
        output: 'sad\n',
      });
    });

    it('is a sentence when a script cannot start, and the later ones run', async () => {
      bench.script('10-no-interpreter', '#!/no/such/shell\n');
      writeFileSync(bench.script('20-no-format', ''), 'echo no first line\n');
      bench.script('30-good', 'echo fine');
      const entry = await bench.run('x');
      const errors = entry.runs.map(run => run.error);
      assert.match(errors[0] ?? '', /could not start: the interpreter \/no\/such\/shell .* \(ENOENT\)/);
      assert.match(errors[1] ?? '', /could not start: exec format error.* \(ENOEXEC\)/);
      assert.equal(errors[2], undefined);
      assert.equal(entry.runs[2]?.output, 'fine\n');
      assert.deepEqual(
        bench.runner.history({ failed: true }).map(({ event }) => event.name),
        ['x'],
      );
    });

    it('is a refusal in history, told once in the log, when a script could be changed by others', async function () {
      if (process.getuid?.() !== 0) skip(this, 'needs root');
      const path = bench.script('10-a', '', 0o777);
      for (let round = 0; round < 3; round++) {
        const entry = await bench.run('x');
        assert.deepEqual(entry.runs, []);
        assert.equal(entry.refused[0]?.script, path);
        assert.match(entry.refused[0]?.reason ?? '', /writable by group and others: chmod go-w/);
      }
      assert.equal(bench.warnings.length, 1);
      assert.equal(bench.runner.history({ failed: true }).length, 3);
    });
  });

  describe('order', () => {
    it('is that of the events on one interface, by index, whatever its name', async () => {
      bench.script('10-a', `sleep 0.0$NETCONF_WAIT; echo "$NETCONF_N" >> ${bench.file('order')}`);
      const all: Promise<unknown>[] = [];
      for (let n = 0; n < 10; n++) {
        all.push(
          bench.run('x', { interface: n < 5 ? 'eth0' : 'lan0', ifindex: 3, data: { n, wait: 9 - n } }),
        );
      }
      await Promise.all(all);
      assert.deepEqual(bench.lines('order').map(Number), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    it('puts an event with only a name into the queue of the index that this name has', async () => {
      bench.script('x.d/10-a', `sleep 0.0$NETCONF_WAIT; echo "$NETCONF_N" >> ${bench.file('order')}`);
      bench.publish('link.added', { ...eth0, replayed: true });
      const first = bench.run('x', { ...eth0, data: { n: 1, wait: 9 } });
      await Promise.all([first, bench.run('x', { interface: 'eth0', data: { n: 2, wait: 0 } })]);
      assert.deepEqual(bench.lines('order'), ['1', '2']);
    });

    it('is parallel across interfaces: a hanging script of one keeps no other waiting', async () => {
      bench.script(
        '10-a',
        `[ "$IFACE" = slow ] && while [ ! -e ${bench.file('go')} ]; do sleep 0.02; done; :`,
      );
      const slow = bench.run('x', { interface: 'slow', ifindex: 1 });
      for (let n = 2; n < 20; n++) await bench.run('x', { interface: `eth${n}`, ifindex: n });
      assert.equal(bench.runner.history({ interfaces: ['slow'] })[0]?.state, 'running');
      bench.script(bench.file('go'), '');
      assert.equal((await slow).state, 'done');
    });

    it('is one queue for custom names without an interface, and one for each family', async () => {
      const wait = `while [ ! -e ${bench.file('go')} ]; do sleep 0.02; done`;
      bench.script('first.d/10-a', wait);
      bench.script('second.d/10-b', ':');
      bench.script('daemon.reloaded.d/10-c', wait);
      bench.script('vpn.up.d/10-d', ':');
      const first = bench.run('first');
      const second = bench.run('second');
      const reloaded = bench.run('daemon.reloaded', { data: { file: null } });
      assert.equal((await bench.run('vpn.up')).state, 'done');
      assert.deepEqual(
        bench.runner.history({}).map(({ event, state }) => [event.name, state]),
        [
          ['first', 'running'],
          ['second', 'queued'],
          ['daemon.reloaded', 'running'],
          ['vpn.up', 'done'],
        ],
      );
      bench.script(bench.file('go'), '');
      for (const one of [first, second, reloaded]) assert.equal((await one).state, 'done');
    });

    it('is one of its own for a family that a plugin declares', async () => {
      await bench.close();
      bench = new Bench({ pluginFamilies: () => new Set(['acme']) });
      const wait = `while [ ! -e ${bench.file('go')} ]; do sleep 0.02; done`;
      bench.script('custom.d/10-a', wait);
      bench.script('acme.up.d/10-b', ':');
      const custom = bench.run('custom');
      assert.equal((await bench.run('acme.up')).state, 'done');
      bench.script(bench.file('go'), '');
      assert.equal((await custom).state, 'done');
    });

    it('never has more than the bound running at once, and all run in the end', async () => {
      const here = bench.file('here');
      mkdirSync(here);
      bench.script(
        '10-a',
        `touch ${here}/$IFACE; ls ${here} | wc -l >> ${bench.file('counts')}; sleep 0.2; rm ${here}/$IFACE`,
      );
      await Promise.all(
        Array.from({ length: 100 }, (_, n) => bench.run('x', { interface: `i${n}`, ifindex: n + 1 })),
      );
      const counts = bench.lines('counts').map(Number);
      assert.equal(counts.length, 100);
      assert.ok(Math.max(...counts) <= 64, `${Math.max(...counts)} at once`);
      assert.ok(Math.max(...counts) > 8, `${Math.max(...counts)} at once`);
    });
  });

  describe('a queue', () => {
    const block = () => bench.script('block.d/1', `while [ ! -e ${bench.file('go')} ]; do sleep 0.02; done`);
    const go = () => bench.script(bench.file('go'), '');
    /** Waits until the blocking event holds the queue. */
    const blocked = async (fields: object) => {
      block();
      const event = bench.publish('block', fields);
      await until(() => bench.runner.counters.hooksRunning === 1, 'the blocking script runs');
      return event;
    };

    it('coalesces link states that have not started: the last wins and lists the others', async () => {
      bench.script('10-a', `echo $1 >> ${bench.file('order')}`);
      await blocked(eth0);
      const names = ['link.up', 'link.down', 'link.carrier', 'x', 'link.up', 'link.no-carrier', 'link.down'];
      const events = names.map(name => bench.publish(name, eth0));
      const outcomes = events.map(event => bench.runner.settled(event));
      go();
      const entries = await Promise.all(outcomes);
      assert.deepEqual(
        bench.lines('order').filter(line => line !== 'block'),
        ['x', 'link.no-carrier', 'link.down'],
      );
      assert.deepEqual(entries[6]?.superseded, [events[0]?.id, events[1]?.id, events[4]?.id]);
      assert.deepEqual(entries[5]?.superseded, [events[2]?.id]);
      assert.equal(entries[0]?.event.id, events[6]?.id, 'who waits for a superseded event gets the survivor');
      assert.equal(bench.runner.history({ id: events[0]!.id })[0]?.state, 'superseded');
    });

    it('never coalesces across link.removed, nor custom, dhcp or interface events', async () => {
      bench.script('10-a', `echo $1 >> ${bench.file('order')}`);
      bench.script('link.removed.d/1', `echo $1 >> ${bench.file('order')}`);
      await blocked(eth0);
      const names = ['link.up', 'link.removed', 'link.up', 'x', 'x', 'dhcp.bound', 'dhcp.bound'];
      names.push('interface.failed', 'interface.failed');
      const outcomes = names.map(name => bench.run(name, eth0));
      go();
      await Promise.all(outcomes);
      assert.deepEqual(
        bench.lines('order').filter(line => line !== 'block'),
        names,
      );
    });

    it('holds 256: more drop the oldest, and history says so', async () => {
      bench.script('x.d/1', `echo $NETCONF_N >> ${bench.file('order')}`);
      await blocked({});
      const events = Array.from({ length: 300 }, (_, n) => bench.publish('x', { data: { n } }));
      const first = await bench.runner.settled(events[0]!);
      assert.equal(first.state, 'dropped');
      assert.match(first.reason ?? '', /more than 256 events waited in the queue custom/);
      assert.equal(bench.runner.counters.hooksWaiting, 256);
      go();
      await bench.runner.settled(events[299]!);
      assert.deepEqual(
        bench.lines('order').map(Number),
        Array.from({ length: 256 }, (_, n) => n + 44),
      );
    });

    it('waits as long as a reaction says, and coalesces meanwhile', async () => {
      await bench.close();
      bench = new Bench({
        reaction: event => (event.family === 'link' ? { reason: 'flapping', ms: 150 } : undefined),
      });
      bench.script('10-a', `echo $1 >> ${bench.file('order')}`);
      const events = ['link.up', 'link.down', 'link.up'].map(name => bench.publish(name, eth0));
      assert.match(bench.runner.history()[2]?.reason ?? '', /held back: flapping/);
      await bench.run('x', { interface: 'other', ifindex: 9 });
      assert.deepEqual(bench.lines('order'), ['x']);
      const entry = await bench.runner.settled(events[0]!);
      assert.deepEqual(bench.lines('order'), ['x', 'link.up']);
      assert.deepEqual(entry.superseded, [events[0]?.id, events[1]?.id]);
    });
  });

  it('holds an event of a loop: it runs nothing, and history has the chain of causes', async () => {
    bench.script('again.d/1', 'echo again >&3');
    bench.publish('again');
    await until(() => bench.runner.history().some(entry => entry.state === 'held'), 'the loop is held');
    await until(() => bench.runner.counters.hooksRunning === 0, 'nothing runs any more');
    const entries = bench.runner.history();
    assert.deepEqual(
      entries.map(entry => entry.runs.length),
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 0],
    );
    assert.match(entries.at(-1)?.reason ?? '', /10 ← 9 ← 8 ← 7 ← 6 ← 5 ← 4 ← 3 ← 2 ← 1$/);
  });

  describe('a caller inside a script', () => {
    const pidOf = (name: string) => Number(bench.read(name));
    const waiting = (names: string[]) =>
      bench.script(
        'wait.d/1',
        `echo $$ > ${bench.top}/leader.$IFACE
         sh -c 'sh -c "echo \\$\\$ > ${bench.top}/deep.$IFACE; sleep 20" & wait' &
         while [ ! -e ${bench.file('go')} ]; do sleep 0.02; done; kill -- -$$ # ${names}`,
      );

    it('is known by its ancestors, however deep, and its event with it', async () => {
      waiting([]);
      const event = bench.publish('wait', eth0);
      await until(() => pidOf('deep.eth0') > 0, 'the grandchild runs');
      assert.equal(bench.runner.ancestor(pidOf('deep.eth0'))?.id, event.id);
      assert.equal(bench.runner.ancestor(pidOf('leader.eth0'))?.id, event.id);
      assert.equal(bench.runner.ancestor(process.pid), undefined);
      assert.equal(bench.runner.ancestor(1), undefined);
      assert.equal(bench.runner.ancestor(999_999_999), undefined);
      const stranger = readFileSync('/proc/self/stat', 'latin1').split(' ')[3];
      assert.equal(bench.runner.ancestor(Number(stranger)), undefined);
      bench.script(bench.file('go'), '');
      await bench.runner.settled(event);
    });

    it('is refused a wait for its own queue, and one that closes a circle, with the circle named', async () => {
      waiting([]);
      const events = [1, 2, 3].map(n => bench.publish('wait', { interface: `eth${n}`, ifindex: n }));
      await until(() => [1, 2, 3].every(n => pidOf(`deep.eth${n}`) > 0), 'all three run');
      const begin = (n: number, target: number) =>
        bench.runner.beginWait(pidOf(`deep.eth${n}`), events[target - 1]!);
      assert.throws(() => begin(1, 1), { code: 'Reentrant' });
      const undo = begin(1, 2);
      begin(2, 3);
      assert.throws(() => begin(3, 1), { code: 'Reentrant', message: /#3 → #1 → #2 → #3/ });
      undo();
      begin(3, 1)();
      bench.runner.beginWait(process.pid, events[0]!)();
      bench.script(bench.file('go'), '');
      await Promise.all(events.map(event => bench.runner.settled(event)));
    });
  });

  describe('explain', () => {
    it('says what would run, in order, with deadlines, and why the rest would not, and runs nothing', () => {
      bench.script('10-a', `touch ${bench.file('ran')}`);
      bench.script('bad.name', '');
      bench.script('link.d/20-b', '');
      symlinkSync('/dev/null', join(bench.etc, '30-c'));
      bench.runner.configure({ deadlines: { 'link.d': 5, 'link.d/99': 1 } });
      const event = bench.bus.create('link.up', { source: 'control', ...eth0 });
      const { scripts, notes } = bench.runner.explain(event as unknown as Event);
      assert.deepEqual(scripts, [
        { script: join(bench.etc, '10-a'), run: true, deadline: 30 },
        { script: join(bench.etc, 'link.d/20-b'), run: true, deadline: 5 },
        { script: join(bench.etc, '30-c'), run: false, reason: 'masked: a link to /dev/null' },
        {
          script: join(bench.etc, 'bad.name'),
          run: false,
          reason: 'its name has other characters than letters, digits, _ and -',
        },
      ]);
      assert.deepEqual(notes, []);
      assert.equal(bench.read('ran'), '');
    });

    it('notes why no script of hooks.d would run', () => {
      bench.script('10-a', '');
      const note = (name: string, fields = {}) =>
        bench.runner.explain(bench.bus.create(name, { source: 'control', ...fields }) as unknown as Event)
          .notes[0];
      assert.match(note('address.added') ?? '', /hooks\.events does not select address\.added/);
      assert.match(note('link.up', { replayed: true }) ?? '', /hooks\.replay/);
    });
  });
});
