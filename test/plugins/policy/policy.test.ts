import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventJson } from '../../../core/bus/event.ts';
import { startDaemon, until } from '../../daemon.ts';
import { needs } from '../../setup.ts';
import { addVeth, carrier } from '../../veth.ts';
import { callsAs, done, type Reply, step, worldOf } from './world.ts';

/** Nobody's. */
const stranger = 65_533;
const friend = 65_532;
const team = 65_400;

const steps = ['DHCP', 'LinkLocal', 'Static', 'PowerOff'];
const codes = (replies: Reply[]) => replies.map(reply => ('code' in reply ? reply.code : 'ok'));
const states = (replies: Reply[]) =>
  replies.map(reply =>
    'code' in reply
      ? reply.code
      : (reply.result.results as { state: string }[]).map(({ state }) => state).join(),
  );

describe('the policy of a daemon', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'setpriv'] });
  });

  describe('on who may', () => {
    it('lets users and groups do what their lines allow, and nobody else', async () => {
      await using daemon = await startDaemon({
        ...worldOf({ steps }),
        policies: {
          default: `[IFUP]\nallow ${friend} @${team}\nstartat Static\n[EMIT]\nallow ${friend}\n[MANAGE]\nallow @${team}\n`,
          other: '[IFUP]\nstartat Static\n[EMIT]\nallow @65401\n',
        },
      });
      addVeth(daemon, 'near', 'other');
      const up = (on: string): [string, object] => ['Up', { interface: on }];
      const emit = (on?: string): [string, object] => [
        'Emit',
        { event: 'tea', ...(on && { interface: on }) },
      ];
      const calls = [
        up('near'),
        up('other'),
        ['Down', { interface: 'near' }],
        emit(),
        emit('other'),
        ['Plugins', {}],
      ] as [string, object][];
      assert.deepEqual(codes(await callsAs(daemon, { uid: friend }, calls)), [
        'ok',
        'Denied',
        'Denied',
        'ok',
        'Denied',
        'Denied',
      ]);
      assert.deepEqual(codes(await callsAs(daemon, { uid: stranger, groups: [team] }, calls)), [
        'ok',
        'Denied',
        'Denied',
        'Denied',
        'Denied',
        'ok',
      ]);
      assert.deepEqual(codes(await callsAs(daemon, { uid: stranger, groups: [65_401] }, calls)), [
        'Denied',
        'Denied',
        'Denied',
        'Denied',
        'ok',
        'Denied',
      ]);
      const [reply] = await callsAs(daemon, { uid: stranger }, calls);
      assert.ok(reply !== undefined && 'message' in reply);
      assert.match(reply.message, /^uid 65533 may not bring up near: .*\/default:2 allows others$/);
      const refusal = await daemon.event('request.ifup', { where: ({ data }) => 'refused' in data });
      assert.equal((refusal.data as { uid: number }).uid, friend);
    });

    it('lets only root without any policy, at the step ENI', async () => {
      await using daemon = await startDaemon(worldOf({ steps, stanzas: { near: ['Static'] } }));
      addVeth(daemon);
      const calls: [string, object][] = [
        ['Up', { interface: 'near' }],
        ['Down', { interface: 'near' }],
        ['Emit', { event: 'tea' }],
        ['Reload', {}],
      ];
      assert.deepEqual(codes(await callsAs(daemon, { uid: stranger }, calls)), Array(4).fill('Denied'));
      const { results } = await daemon.client.call('Up', { interface: 'near' });
      assert.equal(results?.[0]?.state, 'configured');
      await step(daemon, 'near', 1);
      assert.deepEqual(done(daemon, 'near'), ['ifup Static']);
    });

    it('stays firm, and answers root, while a stranger races hundreds of requests', async () => {
      await using daemon = await startDaemon({
        ...worldOf({ steps }),
        policies: {
          default: `[IFUP]\nallow ${friend}\nstartat Static\n[request.ifup]\ndo emit somebody-asks\n`,
        },
      });
      addVeth(daemon);
      const calls = Array.from({ length: 100 }, (_, at): [string, object] =>
        at % 2 === 0
          ? ['Up', { interface: 'near' }]
          : ['Up', { interface: 'near', force: true, set: [{ name: 'mtu', value: '68' }] }],
      );
      const racing = Promise.all([1, 2, 3].map(() => callsAs(daemon, { uid: stranger }, calls)));
      const { links } = await daemon.client.call('Status', { parts: ['links'] });
      assert.ok(links?.some(({ ifname }) => ifname === 'near'));
      const answers = new Set((await racing).flatMap(codes));
      for (const answer of answers)
        assert.ok(['Denied', 'Overloaded', 'BadReply', 'NotRunning'].includes(answer), answer);
      assert.ok(answers.has('Denied'));
      assert.deepEqual(done(daemon, 'near'), []);
      // A request that is refused leads to nothing: who may not ask could else have things done.
      assert.ok(!daemon.events.some(({ name, interface: on }) => name === 'somebody-asks' && on === 'near'));
      const { results } = await daemon.client.call('Up', { interface: 'near' });
      assert.equal(results?.[0]?.state, 'configured');
      const [allowed] = states(await callsAs(daemon, { uid: friend }, [['Up', { interface: 'near' }]]));
      assert.equal(allowed, 'already');
    });

    it('counts from the next request on when a file changes, and a bad version leaves the last one in force', async () => {
      await using daemon = await startDaemon({
        ...worldOf({ steps }),
        policies: { near: `[IFUP]\nallow ${friend}\nstartat Static\n` },
      });
      addVeth(daemon);
      const file = join(daemon.policies, 'near');
      const ask = async (uid: number) =>
        (await callsAs(daemon, { uid }, [['Up', { interface: 'near' }]])).map(reply =>
          'code' in reply ? reply.code : 'ok',
        )[0];
      assert.deepEqual([await ask(friend), await ask(stranger)], ['ok', 'Denied']);
      writeFileSync(file, `[IFUP]\nallow ${stranger}\nstartat Static\n`);
      assert.deepEqual([await ask(friend), await ask(stranger)], ['Denied', 'ok']);
      writeFileSync(file, `[IFUP]\nallow ${friend}\nstrtat Static\n`);
      assert.deepEqual([await ask(friend), await ask(stranger)], ['Denied', 'ok']);
      const mistake = /near:3:1: unknown keyword in \[IFUP\]: strtat \(did you mean startat\?\)/g;
      assert.equal(daemon.output().match(mistake)?.length, 1);
      writeFileSync(file, `[IFUP]\nallow ${friend}\nstartat DCHP\n`);
      assert.deepEqual([await ask(friend), await ask(stranger)], ['Denied', 'ok']);
      assert.match(daemon.output(), /near:3:9: no plugin does the step DCHP \(did you mean DHCP\?\)/);
    });

    it('lets only root where a file was bad from the start, which still brings the interface up by ENI', async () => {
      await using daemon = await startDaemon({
        ...worldOf({ steps, stanzas: { near: ['Static'] } }),
        policies: {
          near: `[IFUP]\nallow ${friend}\nstartat\n`,
          default: `[IFUP]\nallow ${friend}\nstartat DHCP\n`,
        },
      });
      addVeth(daemon);
      assert.match(daemon.output(), /near:3:1: startat: its value is missing/);
      assert.deepEqual(codes(await callsAs(daemon, { uid: friend }, [['Up', { interface: 'near' }]])), [
        'Denied',
      ]);
      const { results } = await daemon.client.call('Up', { interface: 'near' });
      assert.deepEqual([results?.[0]?.state, results?.[0]?.step], ['configured', 'Static']);
    });
  });

  it('tries a step again, each time later, and says so to who asks', async () => {
    await using daemon = await startDaemon({
      ...worldOf({ steps, outcomes: { DHCP: 'FAIL' } }),
      policies: {
        near: '[IFUP]\nstartat DHCP\n[cfg DHCP]\nretry 2 1\nFAIL LinkLocal\n[cfg LinkLocal]\n',
      },
    });
    addVeth(daemon);
    const told: string[] = [];
    for await (const { progress, results } of daemon.client.stream('Up', { interface: 'near' })) {
      if (progress?.phase === 'retry') told.push(progress.message!);
      if (results !== undefined)
        assert.deepEqual([results[0]!.state, results[0]!.step], ['configured', 'LinkLocal']);
    }
    assert.deepEqual(told, ['again in 1 s; attempts left: 2', 'again in 2 s; attempts left: 1']);
    await step(daemon, 'near', 7);
    const ups = done(daemon, 'near').filter(word => word.startsWith('ifup'));
    assert.deepEqual(ups, ['ifup DHCP', 'ifup DHCP', 'ifup DHCP', 'ifup LinkLocal']);
  });

  describe('on what follows an event', () => {
    const linkPolicy =
      '[IFUP]\nstartat Static\n[link.carrier]\ndo ifup\ndo emit plugged-in\n[link.no-carrier]\ndo ifdown\ndo publish\n';

    it('brings up and takes down, publishes and emits, for the interface that it is about', async () => {
      await using daemon = await startDaemon({ ...worldOf({ steps }), policies: { near: linkPolicy } });
      addVeth(daemon);
      const plugged = await daemon.event('plugged-in', { interface: 'near' });
      const cause = daemon.events.find(({ id }) => id === plugged.cause);
      assert.deepEqual([cause?.name, plugged.source], ['link.carrier', 'plugin:policy']);
      await daemon.event('interface.configured', { interface: 'near' });
      carrier(daemon, 'off');
      await daemon.event('interface.deconfigured', { interface: 'near' });
      const byPolicy = ({ source }: EventJson) => source === 'plugin:policy';
      const found = await daemon.event('interface.found', { interface: 'near', where: byPolicy });
      assert.match((found.data as { reason: string }).reason, /^link\.no-carrier/);
      assert.deepEqual(done(daemon, 'near'), ['ifup Static', 'ifdown Static']);
      assert.deepEqual(done(daemon, 'far'), []);
    });

    it('powers a link off in the kernel, and the next ifup begins anew', async () => {
      await using daemon = await startDaemon({
        ...worldOf({ steps: ['Static'] }),
        policies: { near: '[IFUP]\nstartat Static\n[lights-out]\ndo poweroff\n' },
      });
      addVeth(daemon);
      await daemon.client.call('Up', { interface: 'near' });
      daemon.netconf('emit', 'lights-out', '--interface', 'near');
      await daemon.event('link.down', { interface: 'near' });
      assert.doesNotMatch(daemon.ip('link', 'show', 'near'), /[<,]UP[,>]/);
      const { results } = await until('the end of ifdown', () =>
        daemon.client.call('Up', { interface: 'near' }),
      );
      assert.equal(results?.[0]?.state, 'configured');
      await step(daemon, 'near', 3);
      assert.deepEqual(done(daemon, 'near'), ['ifup Static', 'ifdown Static', 'ifup Static']);
    });

    it('waits until a link that flaps is quiet, and then does what its last state asks for, once', async () => {
      const { plugins } = worldOf({ steps });
      const world = JSON.stringify({ steps });
      const configuration = `plugins: { world: ${world}, damping: { changes: 2, window: 60, hold: 1.5 } }\n`;
      await using daemon = await startDaemon({ plugins, configuration, policies: { near: linkPolicy } });
      addVeth(daemon);
      await step(daemon, 'near', 1);
      for (let count = 0; count < 5; count++) {
        for (const [state, name] of [
          ['off', 'link.no-carrier'],
          ['on', 'link.carrier'],
        ] as const) {
          const after = daemon.events.at(-1)!.id;
          carrier(daemon, state);
          await daemon.event(name, { interface: 'near', after });
        }
      }
      // Eleven changes; what came before the damping began has been done, and of the rest the last alone.
      await step(daemon, 'near', 3);
      assert.deepEqual(done(daemon, 'near'), ['ifup Static', 'ifdown Static', 'ifup Static']);
      const ofNear = (wanted: string) =>
        daemon.events.filter(({ name, interface: on }) => name === wanted && on === 'near');
      const last = ofNear('request.ifup').at(-1);
      const carriers = ofNear('link.carrier');
      assert.equal(last?.cause, carriers.at(-1)?.id);
    });

    it('asks for no more than what is wanted last when events come in a storm', async () => {
      await using daemon = await startDaemon({
        ...worldOf({ steps: ['Static'], takes: 100 }),
        policies: { near: '[IFUP]\nstartat Static\n[want-up]\ndo ifup\n[want-down]\ndo ifdown\n' },
      });
      addVeth(daemon);
      const emit = (event: string) => daemon.client.call('Emit', { event, interface: 'near' });
      await Promise.all(Array.from({ length: 300 }, (_, at) => emit(at % 2 === 0 ? 'want-up' : 'want-down')));
      await emit('want-up');
      await until('up', async () => {
        const { interfaces } = await daemon.client.call('Status', { parts: ['interfaces'] });
        return interfaces?.some(({ interface: on, state }) => on === 'near' && state === 'configured');
      });
      const asked = daemon.events.filter(({ name }) => name.startsWith('request.')).length;
      assert.ok(asked < 30, `${asked} requests`);
    });

    it('waits longer each time where it follows from itself, and netconf explain says so', async () => {
      const policy = '[IFUP]\nstartat Static\n[interface.failed]\ndo ifup\ndo emit sorry\n';
      await using daemon = await startDaemon({
        ...worldOf({ steps, outcomes: { Static: 'FAIL' } }),
        policies: { near: policy },
      });
      addVeth(daemon);
      const explained = () => daemon.netconf('explain', 'interface.failed', '--interface', 'near');
      assert.match(explained(), /policy\.d\/near:4: do ifup$/m);
      await daemon.client.call('Up', { interface: 'near' });
      const waits = () =>
        daemon.events
          .filter(({ name, interface: on }) => name === 'policy.waits' && on === 'near')
          .map(({ data }) => data as { does: string; times: number; seconds: number; rule: string });
      await until('three waits', () => waits().length === 3);
      assert.deepEqual(waits()[0], {
        does: 'ifup',
        times: 1,
        seconds: 1,
        rule: '[interface.failed], line 4',
      });
      assert.deepEqual(
        waits().map(({ seconds }) => seconds),
        [1, 2, 4],
      );
      assert.match(explained(), /near:4: do ifup, after 8 s: operations have led to others 4 times in a row/);
      assert.match(explained(), /near:5: do emit sorry$/m);
      const failed = daemon.events.filter(({ name }) => name === 'interface.failed').length;
      assert.equal(failed, 4);
      // What is not about operations does not wait, and begins anew.
      daemon.netconf('emit', 'sorry', '--interface', 'near');
      await daemon.client.call('Up', { interface: 'near' });
      await until(
        'another',
        () => daemon.events.filter(({ name }) => name === 'interface.failed').length >= 6,
      );
      assert.equal(waits().at(-1)!.seconds, 1);
    });

    it('ends with its plugin, and comes back with it', async () => {
      await using daemon = await startDaemon({
        ...worldOf({ steps }),
        policies: { near: '[IFUP]\nstartat Static\n[tea]\ndo emit milk\n' },
      });
      daemon.netconf('plugin', 'unload', 'policy');
      daemon.netconf('emit', 'tea', '--interface', 'near');
      daemon.netconf('plugin', 'load', 'policy');
      daemon.netconf('emit', 'tea', '--interface', 'near');
      await daemon.event('milk');
      assert.equal(daemon.events.filter(({ name }) => name === 'milk').length, 1);
    });
  });

  describe('as netconf explain ifup tells it', () => {
    const setup = {
      ...worldOf({ steps: ['DHCP', 'LinkLocal'], stanzas: {} }),
      policies: {
        near: `[IFUP]\nallow ${friend} root\nprereq ifup dummy0\n[cfg ENI]\nfile /etc/x\nNOTFOUND DHCP\n[cfg DHCP]\ntimeout 5\nretry 2 10\nFAIL,TIMEOUT LinkLocal\n`,
      },
    };
    const lines = (text: string) => text.split('\n').map(line => line.trimEnd());

    it('prints file, verdict with its line, what comes first, and the steps with what leads where', async () => {
      await using daemon = await startDaemon(setup);
      const allowed = lines(daemon.netconf('explain', 'ifup', 'near', '--as', `${friend}`));
      const at = (start: string) => allowed.findIndex(line => line.startsWith(start));
      assert.match(allowed[at('Policy:')]!, /policy\.d\/near$/);
      assert.match(allowed[at('Asked by:')]!, /65532: allowed by .*\/near:2: allow 65532$/);
      assert.match(allowed[at('First:')]!, /ifup dummy0$/);
      const from = at('Steps:') + 1;
      assert.deepEqual(allowed.slice(from, from + 11), [
        '  1  ENI  finds stanzas, and goes on at the step of each',
        '       file /etc/x',
        '       NOTFOUND → DHCP',
        '  2  DHCP',
        '       timeout 5',
        '       failed: again after 10 s, twice as long each time, 2 times at most',
        '       FAIL, TIMEOUT → LinkLocal',
        '       any other outcome is the result',
        '  3  LinkLocal',
        '       any other outcome is the result',
        allowed[from + 10],
      ]);
      const refused = daemon.netconf('explain', 'ifup', 'near', '--as', `${stranger}`);
      assert.match(refused, /refused: uid 65533 may not bring up near: .*\/near:2 allows others/);
      assert.match(
        daemon.netconf('explain', 'ifdown', 'near', '--as', `${friend}`),
        /refused: .* has no \[IFDOWN\] section/,
      );
      assert.deepEqual(done(daemon, 'near'), []);
    });

    it('tells it as JSON, and knows users by name', async () => {
      await using daemon = await startDaemon(setup);
      const path = JSON.parse(daemon.netconf('explain', 'ifup', 'near', '--as', 'nobody', '--json')) as {
        allowed: boolean;
        reason: string;
        steps: { step: string; kind: string; next: object; parameters: object }[];
      };
      assert.equal(path.allowed, false);
      assert.match(path.reason, /^nobody \(uid \d+\) may not/);
      assert.deepEqual(
        path.steps.map(({ step, kind, next }) => [step, kind, next]),
        [
          ['ENI', 'source', { NOTFOUND: 'DHCP' }],
          ['DHCP', 'work', { FAIL: 'LinkLocal', TIMEOUT: 'LinkLocal' }],
          ['LinkLocal', 'work', {}],
        ],
      );
      const theirs = await callsAs(daemon, { uid: stranger }, [
        ['Explain', { operation: 'ifup', interface: 'near' }],
      ]);
      const seen = (theirs[0] as { result: { path: typeof path & { steps: { parameters: object }[] } } })
        .result.path;
      assert.equal(seen.allowed, false);
      assert.deepEqual(
        seen.steps.map(({ parameters }) => parameters),
        [{}, {}, {}],
      );
      assert.throws(() => daemon.netconf('explain', 'ifup', 'near', '--as', 'nobody-such'), { status: 2 });
      assert.throws(() => daemon.netconf('explain', 'ifup'), { status: 2 });
    });

    it('says which steps nobody does, and what stands in the way of a file', async () => {
      await using daemon = await startDaemon({
        ...worldOf({ steps: [] }),
        policies: { near: '[IFUP]\nstartat Nothing\n', far: 'x' },
      });
      assert.match(daemon.output(), /near:2:9: no plugin does the step Nothing/);
      assert.match(daemon.netconf('explain', 'ifup', 'near'), /1 {2}Nothing {2}no plugin does it/);
      assert.match(daemon.netconf('explain', 'ifup', 'far'), /not in force: it has errors/);
    });
  });
});
