import assert from 'node:assert/strict';
import { needs } from '../setup.ts';
import { Ground, shells } from './ground.ts';

for (const shell of shells) {
  describe(`the method rename, under ${shell}`, () => {
    before(function () {
      needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
    });

    it('gives a link its name, does nothing the second time, and nothing on the way down', () => {
      using ground = new Ground(shell);
      const rename = (mode: string, more = {}) => ground.method('rename', mode, { newname: 'lan', ...more });
      assert.equal(rename('query').stdout, 'different name lan: it is near\n');
      assert.deepEqual(rename('up', { NETCONF_DRY_RUN: '1' }).stdout, 'ip link set near name lan\n');
      const [before] = ground.json<{ ifindex: number }>('link show near');
      for (let times = 0; times < 2; times++)
        assert.deepEqual(rename('up'), { status: 0, stdout: '', stderr: '' });
      assert.equal(ground.json<{ ifindex: number }>('link show lan')[0]!.ifindex, before!.ifindex);
      assert.equal(rename('down').status, 0);
      assert.equal(rename('query').stdout, 'present name lan\n');
    });

    it('says what it cannot do, and takes no name that is none', () => {
      using ground = new Ground(shell);
      const said = (newname: string, on = 'near') => {
        const { status, stderr } = ground.method('rename', 'up', { newname }, { interface: on });
        assert.equal(status, 1);
        return stderr.trim();
      };
      assert.equal(said('far'), 'near: the name far is taken');
      assert.match(said('lan', 'none'), /^none: ip link set none name lan: .*Cannot find device/);
      for (const name of ['', '-x', '..', 'a/b', 'a b', 'a\nb', '$(id)x/'])
        assert.equal(said(name), 'option newname is no name of a link');
      assert.match(said('a-name-that-is-long'), /at most 15 characters/);
    });
  });
}
