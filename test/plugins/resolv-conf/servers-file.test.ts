import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Dnsmasq } from '../../../plugins/resolv-conf/dnsmasq.ts';
import { Folder } from '../../folder.ts';

describe('the servers file of dnsmasq', () => {
  it('is written beside a link that dnsmasq has laid for us, never through it', () => {
    using folder = new Folder({ victim: 'as it was' });
    const servers = join(folder.path, 'servers');
    symlinkSync(join(folder.path, 'victim'), `${servers}.new`);
    const settings = { servers, pid: join(folder.path, 'pid'), address: '127.0.0.1' };
    const merged = { parts: [], servers: [], search: [], options: [], sortlist: [] };
    new Dnsmasq(settings, undefined as never).tell(merged);
    assert.equal(readFileSync(join(folder.path, 'victim'), 'utf8'), 'as it was');
    assert.match(readFileSync(servers, 'utf8'), /netconf/);
  });
});
