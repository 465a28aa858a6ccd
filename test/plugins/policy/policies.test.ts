import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { checkTrust } from '../../../core/base/trust.ts';
import { unknownSteps } from '../../../plugins/policy/consistency.ts';
import { Policies } from '../../../plugins/policy/policies.ts';
import { startOf } from '../../../plugins/policy/policy.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';

/** Policies of a folder's directories `a` and `b`, believing all files, with what was told. */
function policiesOf(folder: Folder) {
  const told: string[] = [];
  const policies = new Policies({
    directories: [join(folder.path, 'a'), join(folder.path, 'b')],
    trust: path => ({ path }),
    judge: () => [],
    tell: (_, sentence) => told.push(sentence.replaceAll(`${folder.path}/`, '')),
  });
  const start = (link?: string) => {
    const file = policies.for(link);
    return file === undefined ? undefined : file.policy === undefined ? 'not in force' : startOf(file.policy);
  };
  return { policies, start, told };
}

const at = (step: string) => `[IFUP]\nstartat ${step}\n`;

describe('the files of policies', () => {
  it('count by their names: the interface, the glob that says most, default; the first directory wins', () => {
    using folder = new Folder({
      'a/eth0': at('Exact'),
      'a/eth*': at('Eth'),
      'a/eth1?': at('Eth1'),
      'a/*': at('Any'),
      'b/eth0': at('Hidden'),
      'b/wlan0': at('Wlan'),
      'b/default': at('Default'),
      'a/.hidden': at('No'),
      'a/wlan1~': at('No'),
      'a/wlan1.dpkg-old': at('No'),
    });
    const { start } = policiesOf(folder);
    assert.deepEqual(['eth0', 'eth1', 'eth12', 'wlan0', 'wlan1', 'wlan1~', undefined].map(start), [
      'Exact',
      'Eth',
      'Eth1',
      'Wlan',
      'Any',
      'Any',
      'Default',
    ]);
    rmSync(join(folder.path, 'a/*'));
    assert.deepEqual([start('wlan1'), start('eth0')], ['Default', 'Exact']);
  });

  it('are taken away by a link to /dev/null', () => {
    using folder = new Folder({ 'a/x': '', 'b/eth0': at('Eth'), 'b/default': at('Default') });
    symlinkSync('/dev/null', join(folder.path, 'a/eth0'));
    const { start } = policiesOf(folder);
    assert.equal(start('eth0'), 'Default');
    symlinkSync('/dev/null', join(folder.path, 'a/default'));
    assert.equal(start('eth0'), undefined);
  });

  it('count from the next look on when they change, come and go', () => {
    using folder = new Folder();
    const { start } = policiesOf(folder);
    assert.equal(start('eth0'), undefined);
    const file = folder.write('a/eth0', at('One'));
    assert.equal(start('eth0'), 'One');
    // Same length, at once: neither size nor clock tells.
    folder.write('a/eth0', at('Two'));
    assert.equal(start('eth0'), 'Two');
    utimesSync(file, 1, 1);
    folder.write('b/eth0', at('Three'));
    rmSync(file);
    assert.equal(start('eth0'), 'Three');
    rmSync(join(folder.path, 'b'), { recursive: true });
    assert.equal(start('eth0'), undefined);
  });

  it('are looked at some times in a second in a storm of events, and those of other directories after a reload', () => {
    using folder = new Folder({ 'a/eth0': at('One'), 'c/eth0': at('Other') });
    const { policies } = policiesOf(folder);
    const start = (now: number) => startOf(policies.glance('eth0', now)!.policy!);
    assert.equal(start(1000), 'One');
    folder.write('a/eth0', at('Two'));
    assert.deepEqual([start(1010), start(1020), start(1030)], ['One', 'Two', 'Two']);
    // A clock that is set back.
    folder.write('a/eth0', at('Three'));
    assert.equal(start(5), 'Three');
    policies.readAll([join(folder.path, 'c')]);
    assert.equal(start(6), 'Other');
  });

  it('leave the version before in force when they become bad, and say so once', () => {
    using folder = new Folder({ 'a/eth0': at('One') });
    const { start, told } = policiesOf(folder);
    assert.equal(start('eth0'), 'One');
    folder.write('a/eth0', '[IFUP]\nstartat one\nalow x\n');
    assert.deepEqual([start('eth0'), start('eth0'), start('eth0')], ['One', 'One', 'One']);
    assert.deepEqual(told, [
      'a/eth0:2:9: "one" is not the name of a step (steps begin with a capital letter)',
      'a/eth0:3:1: unknown keyword in [IFUP]: alow (did you mean allow?)',
      'a/eth0: the version before stays in force',
    ]);
    folder.write('a/eth0', at('Two'));
    assert.equal(start('eth0'), 'Two');
    assert.equal(told.length, 3);
  });

  it('are no worse than before with a step that nobody does, when the version in force has it, too', () => {
    using folder = new Folder({ 'a/eth0': at('Lost') });
    const told: string[] = [];
    let ready = false;
    const policies = new Policies({
      directories: [join(folder.path, 'a')],
      trust: path => ({ path }),
      judge: policy => (ready ? unknownSteps(policy, new Set(['Static']), true) : []),
      tell: (severity, sentence) => told.push(`${severity} ${sentence.replace(`${folder.path}/`, '')}`),
    });
    policies.readAll();
    ready = true;
    policies.judgeAll();
    folder.write('a/eth0', `# a comment\n${at('Lost')}`);
    assert.equal(policies.for('eth0')?.policy?.requests.get('IFUP')?.line, 2);
    folder.write('a/eth0', `# two\n${at('Gone')}`);
    assert.equal(startOf(policies.for('eth0')!.policy!), 'Lost');
    assert.deepEqual(told, [
      'error a/eth0:2:9: no plugin does the step Lost',
      'warning a/eth0:3:9: no plugin does the step Lost',
      'error a/eth0:3:9: no plugin does the step Gone',
      'error a/eth0: the version before stays in force',
    ]);
  });

  it('are not in force when they were bad from the start, and hide those below all the same', () => {
    using folder = new Folder({ 'a/eth0': 'allow x\n', 'b/eth0': at('Below'), 'b/default': at('Default') });
    const { start, told } = policiesOf(folder);
    assert.deepEqual([start('eth0'), start('eth1')], ['not in force', 'Default']);
    assert.deepEqual(told.length, 2);
    assert.match(told[1]!, /^a\/eth0: not in force: until it is mended only root may ask/);
  });

  it('say what is wrong with each that cannot be read, while the others are in force', () => {
    using folder = new Folder({ 'a/good': at('Good'), 'a/zero': 'a\n\0', 'a/latin': '[IFUP]\n# caf\xe9' });
    const path = (name: string) => join(folder.path, 'a', name);
    execFileSync('sh', ['-c', 'printf "[IFUP]\\n# ok \\303\\244 caf\\351 x" > "$1"', 'sh', path('latin')]);
    execFileSync('sh', ['-c', 'head -c 1048577 /dev/zero | tr "\\0" "#" > "$1"', 'sh', path('large')]);
    execFileSync('sh', [
      '-c',
      '{ echo "[IFUP]"; head -c 1000000 /dev/zero | tr "\\0" x; } > "$1"',
      'sh',
      path('line'),
    ]);
    execFileSync('mkfifo', [path('pipe')]);
    mkdirSync(path('directory'));
    symlinkSync('circle', path('circle'));
    symlinkSync('nowhere', path('dangling'));
    symlinkSync('/dev/zero', path('device'));
    const { policies, start, told } = policiesOf(folder);
    policies.readAll();
    assert.deepEqual(
      told.filter(one => !one.includes('not in force')),
      [
        'a/circle: its links lead in a circle',
        'a/dangling: it does not exist, or its link leads nowhere',
        'a/device: not a regular file',
        'a/directory: a directory, where a file was expected',
        'a/large: larger than 1048576 bytes',
        'a/latin:2:11: not UTF-8: this byte belongs to no character',
        'a/line:2:4097: a line of 1000000 characters: 4096 are the most',
        'a/pipe: not a regular file',
        'a/zero:2:1: a zero byte: this is no text',
      ],
    );
    assert.equal(start('good'), 'Good');
    assert.equal(start('latin'), 'not in force');
  });

  it('are not believed when others could have written them', function () {
    needs(this, { root: true });
    using folder = new Folder({ 'a/eth0': at('Theirs'), 'a/default': at('Default') });
    execFileSync('chmod', ['go-w', folder.path, join(folder.path, 'a'), join(folder.path, 'a/default')]);
    execFileSync('chmod', ['o+w', join(folder.path, 'a/eth0')]);
    const told: string[] = [];
    const policies = new Policies({
      directories: [join(folder.path, 'a')],
      trust: checkTrust,
      judge: () => [],
      tell: (_, sentence) => told.push(sentence),
    });
    assert.equal(policies.for('eth0')?.policy, undefined);
    assert.match(told[0]!, /eth0 is writable by others: chmod o-w/);
    assert.equal(startOf(policies.for('eth1')!.policy!), 'Default');
    execFileSync('chmod', ['o-w', join(folder.path, 'a/eth0')]);
    assert.equal(startOf(policies.for('eth0')!.policy!), 'Theirs');
  });
});
