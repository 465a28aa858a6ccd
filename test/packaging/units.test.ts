import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../imports.ts';
import { needs } from '../setup.ts';

const packaging = join(root, 'packaging');

describe('what starts netconf', () => {
  it('has units that systemd accepts as they are, and programs as the only thing that this machine lacks', function () {
    needs(this, { programs: ['systemd-analyze'] });
    const units = readdirSync(join(packaging, 'systemd')).map(name =>
      join(packaging, 'systemd', name.replace('@.', '@eth0.')),
    );
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
      encoding: 'utf8',
    });
    const complaints = `${stdout}${stderr}`
      .split('\n')
      .filter(line => units.some(unit => line.includes(unit.split('/').at(-1)!)))
      .filter(line => !/Command \/usr\/(sbin|lib\/netconf)\/\S+ is not executable/.test(line));
    assert.deepEqual(complaints, []);
  });

  it('has OpenRC scripts and maintainer scripts that shellcheck finds nothing wrong with', function () {
    needs(this, { programs: ['shellcheck'] });
    const openrc = readdirSync(join(packaging, 'openrc')).map(name => join(packaging, 'openrc', name));
    const debian = ['build.sh', 'diversions.sh', 'apparmor.sh', 'preinst', 'postinst', 'prerm', 'postrm'];
    execFileSync('shellcheck', [...openrc, ...debian.map(name => join(packaging, 'debian', name))], {
      encoding: 'utf8',
    });
  });
});
