import assert from 'node:assert/strict';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { declare, machineFor } from '../links.ts';

describe('the plugin virtual-links', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ping', 'socat'] });
  });

  it('makes a macvlan that carries traffic, changes its mode in place, and takes it away', async () => {
    using folder = new Folder();
    const text = (mode: string, on = 'e0') =>
      `iface mv0 inet static\n  macvlan-raw-device ${on}\n  macvlan-mode ${mode}\n  address 192.0.2.1/24\n`;
    await using machine = await machineFor(folder, text('bridge'), { links: ['e0', 'e1'] });
    machine.at('e0', 'ip', 'address', 'add', '192.0.2.10/24', 'dev', 'far');
    const result = await machine.up('mv0');
    assert.equal(result.state, 'configured', result.message);
    assert.ok(machine.pings('192.0.2.10'));
    assert.ok(await machine.transfers('e0', '192.0.2.10'));
    const { ifindex } = machine.link('mv0')!;
    declare(folder, text('private'));
    assert.equal((await machine.up('mv0', { force: true })).state, 'configured');
    assert.deepEqual(
      [machine.link('mv0')?.linkinfo?.info_data?.mode, machine.link('mv0')?.ifindex],
      ['private', ifindex],
    );
    declare(folder, text('private', 'e1'));
    assert.equal((await machine.up('mv0', { force: true })).state, 'configured');
    assert.equal(machine.link('mv0')?.link, 'e1');
    assert.match(machine.daemon.ip('-4', 'address', 'show', 'mv0'), /192\.0\.2\.1/);
    await machine.down('mv0');
    assert.equal(machine.link('mv0'), undefined);
  });

  it('names the module that a kernel without the kind of link lacks, and leaves nothing', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      'iface bond0 inet manual\n  bond-mode 1\niface d0 inet manual\n  link-type dummy\niface red inet manual\n  vrf-table 10\niface e0.5 inet manual\n',
      { links: ['e0'] },
    );
    const kinds = [
      ['bond0', 'bond', 'bonding'],
      ['d0', 'dummy', 'dummy'],
      ['red', 'vrf', 'vrf'],
      ['e0.5', 'vlan', '8021q'],
    ] as const;
    for (const [name, kind, module] of kinds) {
      const result = await machine.up(name);
      if (result.state === 'configured') continue;
      const sentence = `${name}: the kernel has no links of the kind ${kind}: its module ${module} is missing`;
      assert.ok(result.message?.includes(sentence), result.message);
      assert.equal(machine.link(name), undefined);
    }
  });

  it('refuses what an option cannot be, with file and line and what was expected', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, '', { links: ['e0'] });
    const bad: [options: string, message: RegExp][] = [
      [
        'macvlan-raw-device e0\n macvlan-mode public',
        /interfaces:1: macvlan-mode 'public': expected one of private/,
      ],
      ['macvlan-mode vepa', /macvlan-mode: expected macvlan-raw-device beside it/],
      ['vrf-table main', /vrf-table 'main': expected a whole number/],
      ['link-type ether', /link-type 'ether': expected one of dummy/],
      ['link-type dummy\n vrf-table 5', /interfaces:1: expected one kind of link: options say vrf and dummy/],
      ['macvlan-raw-device e7', /x0: there is no e7 to make it on/],
      ['vrf red', /x0: there is no VRF red/],
    ];
    for (const [options, message] of bad) {
      declare(folder, `iface x0 inet manual\n ${options}\n`);
      const result = await machine.up('x0');
      assert.equal(result.state, 'failed', options);
      assert.match(result.message ?? '', message);
      assert.equal(machine.link('x0'), undefined);
    }
  });
});
