import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { HistoryEntry, Run } from '../../core/control/api.ts';
import { alive, Bench, openDescriptors, until } from './hooks.ts';

const eth0 = { interface: 'eth0', ifindex: 3 };

describe('a hook script that misbehaves', function () {
  this.timeout(30_000);
  let bench: Bench;
  let descriptors: number;
  beforeEach(async () => {
    bench = new Bench();
    bench.runner.configure({ deadline: 0.3 });
    bench.script('zz-later', 'echo later');
    // Whatever is opened once for the life of the process is open by now.
    await bench.run('warm');
    // And what the next run gets is made by then.
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
    descriptors = openDescriptors();
  });
  afterEach(() => bench.close());

  const pidIn = (name: string) => Number(bench.read(name));
  /** The first run that is not that of the well-behaved script. */
  const first = (entry: HistoryEntry): Run => entry.runs.find(run => !run.script.endsWith('/zz-later'))!;
  const laterRan = (entry: HistoryEntry) => assert.equal(entry.runs.at(-1)?.output, 'later\n');

  it('and hangs gets TERM at its deadline, its children too, and the later ones run', async () => {
    bench.script('10-a', `sleep 100 & echo $! > ${bench.file('child')}; echo before; wait`);
    const timedOut: unknown[] = [];
    bench.bus.on('hook.timed-out', 'test', event => timedOut.push(event.data.script));
    const entry = await bench.run('x', eth0);
    assert.equal(first(entry).timedOut, true);
    assert.equal(first(entry).signal, 'SIGTERM');
    assert.equal(first(entry).output, 'before\n');
    laterRan(entry);
    await until(() => !alive(pidIn('child')), 'the child has ended');
    assert.equal(timedOut.length, 1);
  });

  it('and ignores TERM gets KILL, with its whole group', async () => {
    bench.script(
      '10-a',
      `trap "" TERM; sh -c 'trap "" TERM; while :; do sleep 0.1; done' & echo $! > ${bench.file('child')}
       while :; do sleep 0.1; done`,
    );
    const entry = await bench.run('x', eth0);
    assert.equal(first(entry).signal, 'SIGKILL');
    assert.equal(first(entry).timedOut, true);
    laterRan(entry);
    await until(() => !alive(pidIn('child')), 'the child has ended');
  });

  it('and ends at TERM while a child of its group ignores it: the later ones run, the child gets KILL', async () => {
    bench.script(
      '10-a',
      `sh -c 'trap "" TERM; while :; do sleep 0.1; done' & echo $! > ${bench.file('child')}; wait`,
    );
    const entry = await bench.run('x', eth0);
    laterRan(entry);
    assert.ok(alive(pidIn('child')), 'the child has its five seconds');
    await until(() => !alive(pidIn('child')), 'the child has ended');
  });

  it('and leaves a background child that holds its output and descriptor 3 open holds nothing up', async () => {
    bench.runner.configure({ events: ['x'], deadline: 5 });
    bench.script(
      '10-a',
      `sh -c 'trap "" PIPE; while [ ! -e ${bench.file('go')} ]; do sleep 0.02; done
         echo more; echo too-late >&3; touch ${bench.file('ended')}' &
       echo $! > ${bench.file('child')}; echo now; echo in-time >&3`,
    );
    const entry = await bench.run('x', eth0);
    assert.equal(first(entry).output, 'now\n');
    assert.equal(first(entry).status, 0);
    laterRan(entry);
    assert.ok(alive(pidIn('child')), 'the child goes on');
    bench.script(bench.file('go'), '');
    await until(() => !alive(pidIn('child')), 'the child has ended');
    const names = bench.runner.history().map(({ event }) => event.name);
    assert.ok(names.includes('in-time'));
    assert.ok(!names.includes('too-late'), 'descriptor 3 is closed when the script ends');
    await until(() => bench.runner.counters.hooksRunning === 0, 'all is done');
    await until(() => openDescriptors() === descriptors, 'as many descriptors are open as before');
  });

  it('and prints 100 MB costs little memory: the last 64 KiB are kept', async () => {
    bench.runner.configure({ deadline: 30 });
    bench.script(
      '10-a',
      'i=0; while [ $i -lt 100 ]; do head -c 1000000 /dev/zero | tr "\\0" x; i=$((i+1)); done; echo end',
    );
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 50);
    const entry = await bench.run('x', eth0);
    clearInterval(watch);
    assert.equal(first(entry).status, 0);
    assert.equal(first(entry).output.length, 65_536);
    assert.ok(first(entry).output.endsWith('xx\nend\n'.slice(2)) || first(entry).output.endsWith('xend\n'));
    assert.ok(most - before < 50e6, `${most - before} bytes more`);
    laterRan(entry);
    await until(() => openDescriptors() === descriptors, 'as many descriptors are open as before');
  });

  it('and cuts a character in two by printing a lot still gives text', async () => {
    bench.script(
      '10-a',
      'i=0; while [ $i -lt 3000 ]; do printf "äöüäöüäöüäöüäöü"; i=$((i+1)); done; printf x',
    );
    const { output } = first(await bench.run('x', eth0));
    assert.match(output, /^[äöü]+x$/);
    assert.ok(Buffer.byteLength(output) > 65_530);
  });

  it('and closes its output, or opens it anew, is a run like any other', async () => {
    bench.script('10-a', 'exec >&- 2>&- <&- 3>&-; exit 5');
    bench.script('20-b', 'echo lost; echo new > /dev/stderr; echo after');
    const entry = await bench.run('x', eth0);
    assert.equal(first(entry).status, 5);
    assert.equal(entry.runs[1]?.output, 'new\nafter\n');
    laterRan(entry);
  });

  it('and is removed while it runs, or between selection and start, ends as it would or says so', async () => {
    const one = bench.script('10-a', `echo $$ > ${bench.file('pid')}; sleep 0.2; echo still here`);
    const two = bench.script('20-b', 'echo not me');
    bench.script('05-z', `rm ${one}.gone ${two}; sleep 0.05`);
    bench.script(`${one}.gone`, '');
    const promise = bench.run('x', eth0);
    await until(() => pidIn('pid') > 0, 'the second script runs');
    rmSync(one);
    const entry = await promise;
    assert.equal(entry.runs[1]?.output, 'still here\n');
    assert.match(entry.runs[2]?.error ?? '', /could not start: .*20-b is gone \(ENOENT\)/);
    laterRan(entry);
  });

  it('and ends by a signal of its own is named by it', async () => {
    bench.script('10-a', 'kill -SEGV $$');
    bench.script('20-b', 'kill -34 $$');
    const entry = await bench.run('x', eth0);
    assert.equal(first(entry).signal, 'SIGSEGV');
    assert.equal(entry.runs[1]?.signal, 'signal 34');
  });

  it('leaves no descriptor, no memory and no process behind, however often', async () => {
    bench.script('10-a', 'echo out; echo event >&3; sleep 0 & exit 1');
    bench.runner.configure({ events: ['x'], deadline: 5 });
    for (let round = 0; round < 150; round++) await bench.run('x', { ...eth0, data: { round } });
    await until(() => bench.runner.counters.hooksRunning === 0, 'all is done');
    await until(() => openDescriptors() === descriptors, 'as many descriptors are open as before');
  });

  describe('on descriptor 3', () => {
    const emitted = () =>
      bench.runner
        .history({ limit: 1000 })
        .filter(({ event }) => event.source.startsWith('script:'))
        .map(({ event }) => event);

    it('emits words and JSON with its event as the cause, on its interface or another one', async () => {
      bench.publish('link.added', { interface: 'eth9', ifindex: 9, replayed: true });
      // Directories are looked at once in a turn.
      await new Promise(setImmediate);
      bench.script(
        'x.d/1',
        `cat >&3 <<'END'
home-lan-connected SSID=home NOTE='two words' PATH="a \\"b\\" $c" EMPTY=
# a comment, and an empty line

other INTERFACE=eth9 A=1
nowhere INTERFACE=
{"event": "as-json", "interface": "eth9", "data": {"deep": [1, {"a": null}]}}
{"event": "plain-json"}
END
printf 'unfinished A=b' >&3`,
      );
      const entry = await bench.run('x', { ...eth0, data: {} });
      assert.equal(entry.runs[0]?.error, undefined);
      const events = emitted();
      assert.deepEqual(
        events.map(({ name, interface: link, ifindex, cause, data }) => [name, link, ifindex, cause, data]),
        [
          ['home-lan-connected', 'eth0', 3, { SSID: 'home', NOTE: 'two words', PATH: 'a "b" $c', EMPTY: '' }],
          ['other', 'eth9', 9, { A: '1' }],
          ['nowhere', undefined, undefined, {}],
          ['as-json', 'eth9', 9, { deep: [1, { a: null }] }],
          ['plain-json', 'eth0', 3, {}],
          ['unfinished', 'eth0', 3, { A: 'b' }],
        ].map(([name, link, ifindex, data]) => [name, link, ifindex, entry.event.id, data]),
      );
    });

    it('is heard while the script still runs', async () => {
      bench.runner.configure({ deadline: 20 });
      bench.script('x.d/1', `echo early >&3; while [ ! -e ${bench.file('go')} ]; do sleep 0.02; done`);
      const done = bench.run('x', eth0);
      await until(() => emitted().length === 1, 'the event is there');
      assert.equal(bench.runner.history().find(({ event }) => event.name === 'x')?.state, 'running');
      bench.script(bench.file('go'), '');
      await done;
    });

    it('is refused reserved names, bad names, bad JSON and bad words, each with the line, and the rest is emitted', async () => {
      bench.runner.configure({ deadline: 5 });
      bench.script(
        'x.d/1',
        `cat >&3 <<'END'
link.up A=b
Bad_Name
{"event": 1}
good NOVALUE
good A='open
good
{"event": "good", "data": [1]}
good INTERFACE='a b'
END
head -c 200 /dev/urandom >&3`,
      );
      const { error } = first(await bench.run('x', eth0));
      assert.match(error ?? '', /line 1 on descriptor 3: link\.up: the family link is reserved/);
      assert.match(error ?? '', /line 2 on descriptor 3: not an event name: "Bad_Name"/);
      assert.match(error ?? '', /line 3 on descriptor 3: "event" must be a string/);
      assert.match(error ?? '', /line 4 on descriptor 3: not KEY=VALUE: NOVALUE/);
      assert.match(error ?? '', /and \d+ more$/);
      assert.equal(emitted().filter(({ name }) => name === 'good').length, 1);
    });

    it('is refused the families that plugins declare', async () => {
      await bench.close();
      bench = new Bench({ pluginFamilies: () => new Set(['acme']) });
      bench.script('x.d/1', 'echo acme.thing >&3; echo acmes >&3');
      assert.match(first(await bench.run('x')).error ?? '', /the family acme is reserved/);
      assert.equal(emitted().length, 1);
    });

    it('is heard for 256 lines of 4,096 bytes and no more, and never blocks the script', async () => {
      bench.runner.configure({ deadline: 20 });
      bench.script(
        'x.d/1',
        `i=0; while [ $i -lt 300 ]; do echo "many N=$i" >&3; i=$((i+1)); done
         head -c 3000000 /dev/zero >&3; echo through`,
      );
      bench.script(
        'y.d/1',
        `{ printf 'long A='; head -c 4089 /dev/zero | tr '\\0' x; echo; printf 'longer A='; head -c 4090 /dev/zero | tr '\\0' x; echo; echo short; } >&3`,
      );
      const entry = await bench.run('x', eth0);
      assert.equal(first(entry).output, 'through\n');
      assert.match(first(entry).error ?? '', /line 257 on descriptor 3: more than 256 lines/);
      assert.equal(emitted().filter(({ name }) => name === 'many').length, 256);
      const second = await bench.run('y', eth0);
      assert.match(first(second).error ?? '', /^line 2 on descriptor 3: longer than 4096 bytes$/);
      assert.deepEqual(
        emitted()
          .slice(-2)
          .map(({ name }) => name),
        ['long', 'short'],
      );
    });
  });

  describe('when the daemon stops', () => {
    it('is waited for, while what waits is dropped and history says so', async () => {
      bench.runner.configure({ deadline: 20 });
      bench.script('x.d/1', `echo $$ > ${bench.file('pid')}; sleep 0.3; echo done`);
      bench.script('x.d/2', '');
      const running = bench.publish('x', eth0);
      await until(() => pidIn('pid') > 0, 'it runs');
      const waiting = bench.publish('x', eth0);
      const outcome = Promise.all([bench.runner.settled(running), bench.runner.settled(waiting)]);
      await bench.runner.stop();
      const [one, two] = await outcome;
      assert.equal(first(one).output, 'done\n');
      assert.equal(two.state, 'dropped');
      assert.equal(two.reason, 'netconfd stops');
      assert.equal(one.runs.length, 2, 'later scripts of the same event do not start');
      assert.match(one.reason ?? '', /netconfd stops: .*x\.d\/2 and later scripts did not run/);
    });

    it('is ended when stop is called twice, and killed at the third call', async () => {
      bench.runner.configure({ deadline: 60 });
      bench.script('x.d/1', `trap "" TERM; echo $$ > ${bench.file('pid')}; while :; do sleep 0.05; done`);
      const event = bench.publish('x', eth0);
      await until(() => pidIn('pid') > 0, 'it runs');
      const stopped = bench.runner.stop();
      void bench.runner.stop();
      await new Promise(resolve => setTimeout(resolve, 50));
      assert.ok(alive(pidIn('pid')));
      void bench.runner.stop();
      await stopped;
      assert.equal(first(await bench.runner.settled(event)).signal, 'SIGKILL');
    });
  });
});
