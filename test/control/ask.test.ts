import assert from 'node:assert/strict';
import { connect } from '../../core/control/client.ts';
import { startDaemon } from '../daemon.ts';
import { Bench } from './fake-backend.ts';

const plugin = `export default {
  name: 'oracle',
  apply(netconf) {
    netconf.hooks.answer.for('oracle add').tapPromise('adds', async ({ parameters, peer, progress }) => {
      progress('adding');
      return { sum: parameters.a + parameters.b, uid: peer.uid };
    });
    netconf.hooks.answer.for('oracle fail').tap('fails', () => { throw new Error('the secret of the oracle'); });
    netconf.hooks.answer.for('oracle babble').tap('babbles', () => 'no object');
    netconf.hooks.answer.for('oracle flood').tap('floods', () => ({ text: 'x'.repeat(2_000_000) }));
  },
};`;

describe('a question to a plugin', () => {
  it('is answered by the plugin that taps it, with its parameters and who asks', async () => {
    await using daemon = await startDaemon({ plugins: { 'oracle.mjs': plugin }, netns: false });
    const { client } = daemon;
    const { answer } = await client.call('Ask', { question: 'oracle add', parameters: { a: 1, b: 2 } });
    assert.deepEqual(answer, { sum: 3, uid: process.getuid?.() });
    const replies: object[] = [];
    await client.callInParts('Ask', { question: 'oracle add', parameters: { a: 1, b: 2 } }, reply => {
      replies.push(reply);
    });
    assert.deepEqual(replies[0], { progress: 'adding' });
  });

  it('that nobody answers, or no more, is a wrong parameter', async () => {
    await using daemon = await startDaemon({ plugins: { 'oracle.mjs': plugin }, netns: false });
    const { client } = daemon;
    const refused = { name: 'VarlinkError', message: /no plugin that is loaded answers it/ };
    await assert.rejects(client.call('Ask', { question: 'oracle subtract' }), refused);
    await client.call('UnloadPlugin', { name: 'oracle' });
    await assert.rejects(client.call('Ask', { question: 'oracle add' }), refused);
  });

  it('whose answer throws, is no object or too large costs the daemon nothing, and tells the client no secrets', async () => {
    await using daemon = await startDaemon({ plugins: { 'oracle.mjs': plugin }, netns: false });
    const { client } = daemon;
    for (const question of ['oracle fail', 'oracle babble', 'oracle flood'])
      await assert.rejects(client.call('Ask', { question }), { code: 'Internal', message: /nobody foresaw/ });
    assert.match(daemon.output(), /the secret of the oracle/);
    assert.deepEqual(
      (await client.call('Ask', { question: 'oracle add', parameters: { a: 2, b: 2 } })).answer,
      {
        sum: 4,
        uid: process.getuid?.(),
      },
    );
  });

  it('is for who may manage netconf', async () => {
    const bench = new Bench();
    try {
      await bench.server.listen();
      bench.backend.verdict = ({ action }) =>
        action === 'MANAGE' ? { allow: false, reason: 'not you' } : { allow: true };
      await using client = await connect({ socket: bench.path });
      await assert.rejects(client.call('Ask', { question: 'network apply' }), { code: 'Denied' });
      assert.deepEqual(
        bench.backend.requests.map(({ action, subject }) => [action, subject]),
        [['MANAGE', 'network apply']],
      );
    } finally {
      await bench.close();
    }
  });
});
