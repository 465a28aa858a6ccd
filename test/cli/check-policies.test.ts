import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { checkPolicies } from '../../cli/check-policies.ts';
import { checkPolicyFiles } from '../../cli/check-policy-files.ts';
import { loadConfiguration } from '../../core/config/load.ts';
import { Folder } from '../folder.ts';

/** What the check says of these files. */
function findings(files: Record<string, string>): string[] {
  using folder = new Folder(files);
  return sentences(folder);
}

function sentences(folder: Folder): string[] {
  return checkPolicies([folder.path]).map(({ severity, place, message, hint }) =>
    [severity, place.replace(`${folder.path}/`, ''), message, ...(hint === undefined ? [] : [hint])].join(
      ': ',
    ),
  );
}

describe('the check of policies', () => {
  it('has nothing to say of what is sound, of nothing, and of what editors leave behind', () => {
    assert.deepEqual(checkPolicies(['/nonexistent']), []);
    assert.deepEqual(
      findings({
        default:
          '[IFUP]\nallow root @root 4711 @4711\n[EMIT]\nallow 4711\n[MANAGE]\nallow 4711\n[link.carrier]\ndo ifup\n',
        'eth*':
          '[IFUP]\nprereq ifup dummy0\nstartat DHCP\n[cfg DHCP]\nFAIL,TIMEOUT LinkLocal\n[home-lan]\ndo ifdown\n',
        'eth0~': 'x',
        '.eth0.swp': '\0',
      }),
      [],
    );
  });

  it('finds every mistake of every file, with line and column', () => {
    assert.deepEqual(findings({ a: '[IFUP]\nalow x\n[cfg DHCP]\nFAIL DHCP', b: 'allow y', c: '\xff\0' }), [
      'error: a:2:1: unknown keyword in [IFUP]: alow: did you mean allow?',
      'error: a:4:6: steps in a circle: DHCP → DHCP: to try a step again: retry TIMES SECONDS',
      'error: b:1:1: allow: a keyword before the first section: begin with [IFUP]',
      'error: c:1:2: a zero byte: this is no text',
    ]);
  });

  it('doubts steps, events, users, groups and file names that nobody knows', () => {
    assert.deepEqual(
      findings({
        eth0: '[IFUP]\nallow nobody-such @no-such-group\nstartat DCHP\n[link.carier]\ndo ifup\n',
        'eth 1': '',
        defalt: '',
      }),
      [
        'warning: defalt: the policy of an interface defalt: did you mean default?',
        'warning: eth 1: no interface can have this name: the file is called as the interface is',
        'warning: eth0:3:9: no plugin that ships with netconf does the step DCHP: did you mean DHCP?',
        'warning: eth0:4:1: netconf has no event link.carier: did you mean link.carrier?',
        'warning: eth0:2:7: no user nobody-such in /etc/passwd: a user of another directory is written as its number',
        'warning: eth0:2:19: no group no-such-group in /etc/group: a group of another directory is written as its number',
      ],
    );
  });

  it('prints the circle of interfaces that wait for each other, whichever files say so', () => {
    const needs = (link: string) => `[IFUP]\nprereq ifup ${link}\n`;
    assert.deepEqual(findings({ eth0: needs('tun0'), 'tun*': needs('br0'), br0: needs('eth0') }), [
      'error: tun*:2:13: prerequisites in a circle: br0 → eth0 → tun0 → br0',
    ]);
  });

  it('reads the files that policies name: each mistake of interfaces(5), each that is not there', async () => {
    using folder = new Folder({
      good: 'iface eth0 inet dhcp\n',
      bad: '\niface eth0 inet dhpc\n',
      'netconf.yaml': '',
    });
    const at = (name: string) => join(folder.path, name);
    folder.write('policy.d/a', `[cfg ENI]\nfile ${at('good')}\n`);
    folder.write('policy.d/b', `[cfg ENI]\nfile ${at('bad')}\n`);
    folder.write(
      'policy.d/c',
      `[cfg ENI]\nfile  ${at('bad')}\nNOTFOUND OpenVPN\n[cfg OpenVPN]\nconfig ${at('none')}\n`,
    );
    folder.write('policy.d/d', `[cfg ENI]\nfile ${at('none')}\n`);
    folder.write('policy.d/e', '[cfg ENI]\nfile interfaces\n');
    folder.write('policy.d/f', `[cfg ENI]\nfile ${folder.path}\n`);
    const { files, findings } = checkPolicyFiles(
      [at('policy.d')],
      await loadConfiguration(at('netconf.yaml')),
    );
    assert.deepEqual(files, [at('good'), at('bad')]);
    assert.deepEqual(
      findings.map(({ severity, place, message }) =>
        `${severity}: ${place}: ${message}`.replaceAll(folder.path, ''),
      ),
      [
        'error: /bad:2: unknown or no method and no inherits keyword specified',
        'warning: /policy.d/c:5:8: [cfg OpenVPN] config: /none does not exist',
        'warning: /policy.d/d:2:6: [cfg ENI] file: /none does not exist',
        'warning: /policy.d/e:2:6: [cfg ENI] file: interfaces is no absolute path',
        'warning: /policy.d/f:2:6: [cfg ENI] file:  is a directory, where a file was expected',
      ],
    );
    const off = folder.write('off.yaml', 'plugins: {interfaces: false}\n');
    assert.deepEqual(checkPolicyFiles([at('policy.d')], await loadConfiguration(off)).files, []);
  });

  it('names what cannot be read, and goes on', () => {
    using folder = new Folder({ good: '', 'plain/x': '' });
    symlinkSync('circle', join(folder.path, 'circle'));
    mkdirSync(join(folder.path, 'sub'));
    assert.deepEqual(sentences(folder), [
      'error: circle: its links lead in a circle',
      'error: plain: a directory, where a file was expected',
      'error: sub: a directory, where a file was expected',
    ]);
    const [finding] = checkPolicies([join(folder.path, 'good')]);
    assert.match(finding!.message, /ENOTDIR/);
  });
});
