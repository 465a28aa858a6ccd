import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Request } from '../../../core/control/api.ts';
import { Accounts } from '../../../plugins/policy/accounts.ts';
import { parsePolicy } from '../../../plugins/policy/parse.ts';
import { requestNames } from '../../../plugins/policy/policy.ts';
import { verdictOn } from '../../../plugins/policy/verdict.ts';
import { Folder } from '../../folder.ts';

const passwd = `root:x:0:0:root:/root:/bin/sh
alice:x:1000:1000::/home/alice:/bin/sh
bob:x:1001:100::/home/bob:/bin/sh
odd
+::::::
alice:x:0:0:a second one does not count:/:/bin/sh
`;
const group = 'netdev:x:27:\nusers:x:100:alice\n';

describe('the verdict of a policy', () => {
  let folder: Folder;
  let accounts: Accounts;

  before(() => {
    folder = new Folder({ passwd, group });
    accounts = new Accounts({ passwd: join(folder.path, 'passwd'), group: join(folder.path, 'group') });
  });
  after(() => folder[Symbol.dispose]());

  const ask = (text: string, peer: Partial<Request['peer']>, request: Partial<Request> = {}) => {
    const file = { name: 'eth0', path: '/p/eth0', policy: parsePolicy(text).policy, problems: [] };
    const whole = { uid: 5000, gid: 5000, groups: [], pid: 1, ...peer };
    const action = (request.action ?? 'IFUP') as (typeof requestNames)[number];
    return verdictOn({ subject: 'eth0', ...request, action, peer: whole }, file, accounts);
  };
  const by = (line: string) => ({ allow: true, by: line });

  it('allows users and groups by name and number, and says which line did', () => {
    const text = '[IFUP]\nallow alice @netdev\nallow 4000 @4001\n';
    assert.deepEqual(ask(text, { uid: 1000 }), by('/p/eth0:2: allow alice'));
    assert.deepEqual(ask(text, { gid: 27 }), by('/p/eth0:2: allow @netdev'));
    assert.deepEqual(ask(text, { groups: [1, 27] }), by('/p/eth0:2: allow @netdev'));
    assert.deepEqual(ask(text, { uid: 4000 }), by('/p/eth0:3: allow 4000'));
    assert.deepEqual(ask(text, { groups: [4001] }), by('/p/eth0:3: allow @4001'));
  });

  it('goes by the groups that the kernel says, not by what a file has on their members', () => {
    assert.deepEqual(ask('[IFUP]\nallow @users\n', { uid: 1000 }), {
      allow: false,
      reason: 'alice (uid 1000) may not bring up eth0: /p/eth0:2 allows others',
    });
  });

  it('takes a number for a number, and a name for a name', () => {
    const text = '[IFUP]\nallow 27 @1000 nobody-such\n';
    assert.equal(ask(text, { uid: 1000, gid: 27, groups: [27] })?.allow, false);
    assert.equal(ask(text, { uid: 27 })?.allow, true);
    assert.equal(ask('[IFUP]\nallow alice\n', { uid: 5000 })?.allow, false);
  });

  it('refuses where no line allows, for each kind of request with its own words', () => {
    const text = '[IFUP]\n[IFDOWN]\nallow bob\n';
    const reason = (request: Partial<Request>) => {
      const verdict = ask(text, { uid: 1000 }, request);
      return verdict?.allow === false ? verdict.reason : verdict;
    };
    assert.equal(
      reason({ action: 'IFUP' }),
      'alice (uid 1000) may not bring up eth0: /p/eth0:1 allows nobody but root',
    );
    assert.equal(
      reason({ action: 'IFDOWN' }),
      'alice (uid 1000) may not take down eth0: /p/eth0:3 allows others',
    );
    assert.equal(
      reason({ action: 'EMIT', subject: 'home-lan', interface: 'eth0' }),
      'alice (uid 1000) may not emit home-lan for eth0: /p/eth0 has no [EMIT] section, so only root may',
    );
    assert.equal(
      reason({ action: 'MANAGE', subject: 'x' }),
      'alice (uid 1000) may not manage netconfd: /p/eth0 has no [MANAGE] section, so only root may',
    );
  });

  it('knows a user from the moment that the file has one', () => {
    const text = '[IFUP]\nallow carol\n';
    assert.equal(ask(text, { uid: 1002 })?.allow, false);
    folder.write('passwd', `${passwd}carol:x:1002:100::/:/bin/sh\n`);
    assert.equal(ask(text, { uid: 1002 })?.allow, true);
    folder.write('passwd', passwd);
    assert.equal(ask(text, { uid: 1002 })?.allow, false);
  });

  it('refuses everybody while a file has never been good', () => {
    const peer = { uid: 1000, gid: 1000, groups: [], pid: 1 };
    const file = { name: 'eth0', path: '/p/eth0', policy: undefined, problems: [] };
    for (const action of requestNames) {
      const verdict = verdictOn({ action, subject: 'eth0', peer }, file, accounts);
      assert.ok(verdict?.allow === false && verdict.reason.endsWith('/p/eth0 has errors, so only root may'));
    }
  });
});
