import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpacked } from '../debian-package.ts';
import { Folder } from '../folder.ts';
import { root } from '../imports.ts';
import { needs } from '../setup.ts';

const debian = join(root, 'packaging/debian');
const line = 'include if exists <abstractions/netconf-dhclient>\n';

/** Runs one of the functions that the maintainer scripts have, on files below the folder. */
function run(folder: Folder, name: 'let_dhclient_report' | 'forget_dhclient'): void {
  const script = `set -e; . ${debian}/apparmor.sh; ${name}`;
  execFileSync('sh', ['-c', script], { env: { PATH: process.env.PATH, DPKG_ROOT: folder.path } });
}

describe('dhclient under AppArmor', () => {
  it('may run the report script and have its files where netconf keeps them, as its parser reads it', function () {
    this.timeout(120_000);
    needs(this, { programs: ['apt-get'] });
    const [apparmor, client] = [unpacked(this, 'apparmor'), unpacked(this, 'isc-dhcp-client')];
    using folder = new Folder();
    for (const from of [apparmor, client, debian])
      cpSync(join(from, 'etc/apparmor.d'), join(folder.path, 'etc/apparmor.d'), { recursive: true });
    run(folder, 'let_dhclient_report');
    const parser = ['sbin', 'usr/sbin']
      .map(place => join(apparmor, place, 'apparmor_parser'))
      .find(path => existsSync(path));
    const base = join(folder.path, 'etc/apparmor.d');
    const parse = (how: string) =>
      execFileSync(
        parser!,
        ['--config-file', '/dev/null', '-QTK', how, '--base', base, `${base}/sbin.dhclient`],
        {
          stdio: ['ignore', 'pipe', 'ignore'],
          maxBuffer: 2 ** 26,
        },
      );
    const text = parse('-p').toString();
    assert.match(text, /^\s*\/\{,usr\/\}lib\/netconf\/methods\/dhcp-report Uxr,$/m);
    const compiled = parse('-S').length;
    run(folder, 'forget_dhclient');
    assert.ok(parse('-S').length < compiled);
  });

  it('is told so by one line in local/, which goes again, and nothing else there', () => {
    using folder = new Folder();
    const file = join(folder.path, 'etc/apparmor.d/local/sbin.dhclient');
    const text = () => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
    for (let times = 0; times < 2; times++) run(folder, 'let_dhclient_report');
    assert.equal(text(), line);
    run(folder, 'forget_dhclient');
    assert.equal(text(), undefined);
    run(folder, 'forget_dhclient');
    // With dhclient there, and something of the administrator's without the end of its line.
    folder.write('etc/apparmor.d/sbin.dhclient', '');
    folder.write('etc/apparmor.d/local/sbin.dhclient', '# mine\n  /mine r,');
    for (let times = 0; times < 2; times++) run(folder, 'let_dhclient_report');
    assert.equal(text(), `# mine\n  /mine r,\n${line}`);
    run(folder, 'forget_dhclient');
    assert.equal(text(), '# mine\n  /mine r,\n');
    folder.write('etc/apparmor.d/local/sbin.dhclient', line);
    run(folder, 'forget_dhclient');
    assert.equal(text(), '');
  });
});
