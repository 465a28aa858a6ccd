import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HistoryEntry } from '../../core/control/api.ts';
import { isRoot, skip } from '../setup.ts';
import { BuiltProgram, type Outcome } from './program.ts';

describe('netconf without a daemon', function () {
  this.timeout(60_000);
  let program: BuiltProgram;
  let directory: string;
  const run = (...args: string[]): Promise<Outcome> => program.run(args, { cwd: directory });

  before(() => {
    program = new BuiltProgram();
  });
  after(() => program?.remove());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'netconf-offline-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function file(path: string, text: string, mode = 0o644): string {
    const whole = join(directory, path);
    mkdirSync(dirname(whole), { recursive: true, mode: 0o755 });
    writeFileSync(whole, text);
    chmodSync(whole, mode);
    return whole;
  }

  const script = (path: string, text: string) => file(path, `#!/bin/sh\n${text}\n`, 0o755);

  describe('hook test', () => {
    it('runs the scripts of a made-up event in order, with its interface and data, and shows their output', async () => {
      script('hooks/10-all', 'echo "$1 $IFACE $NETCONF_SSID"');
      script('hooks/link.carrier.d/30-other', 'exit 9');
      const seen = join(directory, 'seen');
      script('hooks/home.d/20-own', 'cat > "$NETCONF_FILE"; echo later A=1 >&3');
      const args = ['home', 'SSID=lan', `FILE=${seen}`, '--interface', 'lo', '--hooks', 'hooks'];
      const { status, stdout } = await run('hook', 'test', ...args);
      assert.equal(status, 0, stdout);
      assert.match(
        stdout,
        /^ {2}ok .*\/hooks\/10-all\n {4}\| home lo lan\n {2}ok .*\/hooks\/home\.d\/20-own\n/,
      );
      assert.match(stdout, /would emit, .*20-own: \{"event":"later","data":\{"A":"1"\}\}\n$/);
      const event = JSON.parse(readFileSync(seen, 'utf8')) as Record<string, unknown>;
      assert.deepEqual([event.name, event.interface, event.ifindex], ['home', 'lo', 1]);
    });

    it('ends with 1 when a script failed, with 0 and a word when none wants the event', async () => {
      script('hooks/link.carrier.d/30-bad', 'echo trouble; exit 9');
      const failed = await run('hook', 'test', 'link.carrier', '--hooks', 'hooks', '--json');
      assert.equal(failed.status, 1);
      const { runs } = JSON.parse(failed.stdout) as HistoryEntry;
      assert.deepEqual(
        runs.map(({ status, output }) => [status, output]),
        [[9, 'trouble\n']],
      );
      const none = await run('hook', 'test', 'link.up', '--hooks', 'hooks');
      assert.deepEqual([none.status, none.stdout], [0, 'no script wants link.up\n']);
      assert.equal((await run('hook', 'test', 'Not-A-Name')).status, 2);
    });

    it('says which files of the event are no scripts, and why', async () => {
      file('hooks/link.carrier.d/50-hello', '#!/bin/sh\n');
      const { status, stdout } = await run('hook', 'test', 'link.carrier', '--hooks', 'hooks');
      assert.equal(status, 0);
      assert.match(
        stdout,
        /^no script wants link\.carrier\n {2}does not run {2}\S+50-hello: not executable: chmod \+x\n$/,
      );
    });

    it('refuses a script that others may change, as the daemon of root would', async function () {
      if (!isRoot) skip(this, 'needs root');
      chmodSync(script('hooks/home.d/10-open', 'true'), 0o777);
      const { status, stdout } = await run('hook', 'test', 'home', '--hooks', 'hooks');
      assert.equal(status, 1);
      assert.match(stdout, /refused .*10-open/);
    });
  });

  describe('check', () => {
    it('finds nothing wrong where nothing is', async () => {
      script('hooks/link.carrier.d/10-fine', 'true');
      file('plugins/fine.mjs', 'export default { name: "fine", apply() {} };');
      file('netconf.yaml', 'hooks: {deadline: 10}\n');
      const { status, stdout } = await run(
        'check',
        '--config',
        'netconf.yaml',
        '--hooks',
        'hooks',
        '--plugins',
        'plugins',
      );
      assert.equal(status, 0, stdout);
      assert.match(stdout, /^0 errors, 0 warnings in \S+netconf\.yaml, \S+hooks, /);
    });

    it('says file, line and column of every mistake of a configuration', async () => {
      const config = file('netconf.yaml', 'hooks:\n  deadline: soon\nnonsense: 1\n');
      const { status, stdout } = await run('check', '--config', config);
      assert.equal(status, 1);
      const lines = stdout.split('\n');
      assert.ok(lines[0]?.startsWith(`${config}:2:`), stdout);
      assert.ok(lines[1]?.startsWith(`${config}:3:`), stdout);
      assert.match(lines[0] ?? '', /: error: hooks\.deadline/);
    });

    it('finds plugins that cannot be loaded, and does not apply those that can', async () => {
      file('plugins/broken.mjs', 'export default {\n  name: ;\n');
      file('plugins/lost.mjs', 'export default { name: "lost", needs: ["nobody"], apply() {} };');
      file('plugins/other.mjs', 'export default { name: "another", apply() {} };');
      file('plugins/fine.mjs', 'export default { name: "fine", apply() { process.exit(7); } };');
      file('netconf.json', '{"plugins": {"absent": {}}}');
      const { status, stdout } = await run(
        'check',
        '--config',
        'netconf.json',
        '--plugins',
        'plugins',
        '--json',
      );
      assert.equal(status, 1);
      const report = JSON.parse(stdout) as { ok: boolean; findings: { place: string; message: string }[] };
      const places = report.findings.map(({ place }) => place.replace(`${directory}/`, ''));
      assert.equal(report.ok, false);
      assert.deepEqual(places, ['plugins/broken.mjs:2', 'plugins/other.mjs', 'plugins/lost.mjs', places[3]]);
      assert.match(places[3] ?? '', /^netconf\.json:1:\d+$/);
      assert.match(report.findings[2]?.message ?? '', /needs the plugin nobody/);
    });

    it('warns of scripts that never run, and fails for directories that cannot be read', async () => {
      file('hooks/link.carrier.d/10-plain', 'not executable');
      file('hooks/readme.txt', '');
      script('hooks/Nonsense/10-x', 'true');
      const warned = await run('check', '--hooks', 'hooks');
      assert.equal(warned.status, 0);
      assert.match(warned.stdout, /Nonsense: warning: no event has this name/);
      assert.match(warned.stdout, /10-plain: warning: does not run: not executable: chmod \+x/);
      assert.match(warned.stdout, /0 errors, 3 warnings/);
      const { status, stdout } = await run('check', '--hooks', file('plain', ''));
      assert.equal(status, 1);
      assert.match(stdout, /error: .*not a directory/);
    });

    it('tells a misspelt event, and a folder that is a dangling link, from those that somebody may mean', async () => {
      script('hooks/link.carier.d/10-x', 'true');
      script('hooks/home-lan.d/10-x', 'true');
      script('hooks/wifi.connected.d/10-x', 'true');
      script('elsewhere/10-x', 'true');
      symlinkSync(join(directory, 'elsewhere'), join(directory, 'hooks/link.up.d'));
      symlinkSync('/dev/null', join(directory, 'hooks/link.down.d'));
      symlinkSync('/nonexistent', join(directory, 'hooks/rule.d'));
      const { stdout } = await run('check', '--hooks', 'hooks');
      assert.match(stdout, /link\.carier\.d: warning: no event has this name.*\n {2}there are link\.added, /);
      assert.match(stdout, /rule\.d: error: .*a link to something that does not exist/);
      assert.match(stdout, /^1 error, 1 warning in /m);
    });
  });

  it('prints the completion of a shell, and none for another', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { status, stdout } = await run('completion', shell);
      assert.equal(status, 0);
      assert.match(stdout, /netconfd/);
    }
    const { status, stderr } = await run('completion', 'csh');
    assert.deepEqual([status, stderr], [2, 'netconf: no completion for csh: bash, zsh or fish\n']);
  });
});
