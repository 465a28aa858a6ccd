import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRecord } from '../../core/dhcp/record.ts';
import { Folder } from '../folder.ts';
import { needs } from '../setup.ts';
import { recorded } from './replay.ts';
import { report, script, tryReport } from './report.ts';

const bound = recorded('dhclient')[1]!;
const read = (directory: string, name: string) => parseRecord(readFileSync(join(directory, name)));

describe('the report script of DHCP clients', () => {
  for (const shell of [['dash'], ['busybox', 'sh'], ['bash']]) {
    it(`writes what the client says, complete and for its owner alone, in ${shell.join(' ')}`, function () {
      needs(this, { programs: [shell[0]!] });
      using folder = new Folder();
      const directory = join(folder.path, 'run/netconf/dhcp');
      report(directory, bound, shell);
      const [name, ...others] = readdirSync(directory);
      assert.deepEqual(others, []);
      const { variables, parent } = read(directory, name!);
      for (const [variable, value] of Object.entries(bound.env))
        if (variable !== 'PATH') assert.equal(variables.get(variable), value);
      assert.equal(parent, process.pid);
      assert.equal(statSync(join(directory, name!)).mode & 0o777, 0o600);
      assert.equal(statSync(directory).mode & 0o777, 0o700);
      assert.equal(statSync(join(folder.path, 'run/netconf')).mode & 0o777, 0o755);
    });
  }

  it('gives names in the order of what happened, however fast it comes', () => {
    using folder = new Folder();
    for (let count = 0; count < 30; count++)
      report(folder.path, { argv: [String(count)], env: { interface: 'eth0' } });
    const order = readdirSync(folder.path)
      .sort()
      .map(name => Number(read(folder.path, name).argument));
    assert.deepEqual(
      order,
      Array.from({ length: 30 }, (_, count) => count),
    );
  });

  it('loses none of many that come at once', async () => {
    using folder = new Folder();
    const runs = Array.from({ length: 60 }, (_, count) => {
      const child = spawn(script, [String(count)], { env: { NETCONF_DHCP: folder.path, interface: 'eth0' } });
      return new Promise(resolve => child.on('close', resolve));
    });
    assert.deepEqual(new Set(await Promise.all(runs)), new Set([0]));
    const found = readdirSync(folder.path).map(name => read(folder.path, name).argument);
    assert.equal(new Set(found).size, 60);
  });

  it('keeps the latest thousand when no daemon reads them', () => {
    using folder = new Folder();
    for (let count = 0; count < 1005; count++)
      writeFileSync(join(folder.path, `000000001.00-${String(count).padStart(4, '0')}`), '');
    report(folder.path, bound);
    const names = readdirSync(folder.path).sort();
    assert.equal(names.length, 1001);
    assert.equal(names[0], '000000001.00-0005');
  });

  it('keeps what values hold: blanks, line ends, quotes, what a shell would run', () => {
    using folder = new Folder();
    const evil = `$(touch ${folder.path}/pwned) \`id\`; "' \\ é\n*`;
    report(folder.path, {
      argv: ['bound'],
      env: { interface: 'eth0', domain: evil, IFS: 'x', most: '0', number: '5' },
    });
    const [name] = readdirSync(folder.path);
    assert.ok(readFileSync(join(folder.path, name!)).includes(`domain=${evil}\0`));
    assert.equal(existsSync(join(folder.path, 'pwned')), false);
  });

  it('says no to an old lease that no server confirms, and yes to all else', () => {
    using folder = new Folder();
    const status = (reason: string) =>
      tryReport(folder.path, { argv: [], env: { ...bound.env, reason } }).status;
    assert.deepEqual(['BOUND', 'TIMEOUT', 'FAIL'].map(status), [0, 1, 0]);
  });

  it('does not make the client decline an address because it cannot write', () => {
    using folder = new Folder();
    const file = folder.write('file', '');
    const { status, stderr } = tryReport(join(file, 'dhcp'), bound);
    assert.equal(status, 0);
    assert.match(stderr, /dhcp-report: .* cannot be made/);
  });

  it('leaves nothing but records', () => {
    using folder = new Folder();
    mkdirSync(join(folder.path, 'a b'));
    report(join(folder.path, 'a b'), bound);
    assert.equal(readdirSync(join(folder.path, 'a b')).length, 1);
  });

  it('is POSIX sh without a doubt', function () {
    needs(this, { programs: ['shellcheck'] });
    execFileSync('shellcheck', ['--shell=sh', script]);
  });
});
