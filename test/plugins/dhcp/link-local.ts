import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { Lab } from './lab.ts';

/** Prints of each ARP packet on s0 who says that he has which address. */
const listener = `
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0806))
s.bind(("s0", 0x0806))
print("ready", flush=True)
while True:
    p = s.recv(64)
    print(":".join("%02x" % b for b in p[8:14]), ".".join(str(b) for b in p[14:18]), flush=True)
`;

/** What was heard on the server's side, until the end of the lab. */
async function listen(lab: Lab): Promise<() => string> {
  let text = '';
  const child = spawn('ip', ['netns', 'exec', lab.serverNs, 'python3', '-c', listener], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await until('the listener', () => text.includes('ready'));
  return () => text;
}

/** The server's side says so many times, a second apart, that it has the address. */
function claim(lab: Lab, address: string, times: number): void {
  const inServer = ['netns', 'exec', lab.serverNs];
  execFileSync('ip', ['-n', lab.serverNs, 'address', 'replace', `${address}/16`, 'dev', 's0']);
  execFileSync('ip', [...inServer, 'arping', '-U', '-q', '-c', String(times), '-I', 's0', address]);
}

const hardware = (lab: Lab) => lab.inside('cat', '/sys/class/net/e0/address').trim();
const addressOf = (lab: Lab) => lab.addresses()[0]?.replace(/\/16$/, '') ?? '';

export const linkLocal: Scenarios = {
  'is defended once against another machine, and given up for another one where that goes on': async () => {
    await using lab = new Lab();
    lab.policy('[IFUP]\nstartat LinkLocal\n');
    await lab.start();
    assert.equal((await lab.up()).state, 'configured');
    const first = addressOf(lab);
    const heard = await listen(lab);
    claim(lab, first, 1);
    await until('the defence', () => heard().includes(`${hardware(lab)} ${first}`));
    assert.match(lab.output(), new RegExp(`e0: [0-9a-f:]{17} uses ${first}, too: it is defended`));
    assert.equal(addressOf(lab), first);
    const after = lab.events.length;
    claim(lab, first, 3);
    await lab.event('interface.configured', after);
    const second = addressOf(lab);
    assert.match(second, /^169\.254\./);
    assert.notEqual(second, first);
    assert.match(lab.output(), new RegExp(`${first} is given up`));
    // The next netconfd looks after what this one has claimed.
    await lab.kill('SIGKILL');
    await lab.start();
    claim(lab, second, 3);
    await until('a third', () => addressOf(lab) !== second && addressOf(lab) !== '');
    assert.ok(![first, second].includes(addressOf(lab)));
    // Once it is down, nobody looks.
    assert.equal((await lab.down()).state, 'deconfigured');
    const said = lab.output().length;
    claim(lab, second, 2);
    assert.doesNotMatch(lab.output().slice(said), /defended|given up/);
  },

  'is exchanged without a wait for a server, which goes on being looked for': async () => {
    await using lab = new Lab({
      cfg: ['timeout 6', 'dhcp-client dhclient', 'FAIL,TIMEOUT LinkLocal'],
      sections: '[cfg LinkLocal]',
    });
    await lab.start();
    assert.equal((await lab.up()).step, 'LinkLocal');
    const [pid] = lab.processes('dhclient');
    const first = addressOf(lab);
    const after = lab.events.length;
    claim(lab, first, 3);
    const configured = await lab.event('interface.configured', after);
    assert.equal((configured.data as unknown as { step: string }).step, 'LinkLocal');
    assert.notEqual(addressOf(lab), first);
    assert.deepEqual(lab.processes('dhclient'), [pid]);
  },

  'is told of nothing by a flood of packets but once in a second': async () => {
    await using lab = new Lab();
    lab.policy('[IFUP]\nstartat LinkLocal\n');
    await lab.start();
    await lab.up();
    const address = addressOf(lab);
    execFileSync('ip', ['-n', lab.serverNs, 'address', 'replace', `${address}/16`, 'dev', 's0']);
    const flood = `
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("s0", 0x0806))
mac = bytes.fromhex("020000000001"); ip = socket.inet_aton("${address}")
p = b"\\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + mac + ip + bytes(6) + ip
for n in range(20000): s.send(p)
`;
    execFileSync('ip', ['netns', 'exec', lab.serverNs, 'python3', '-c', flood]);
    await until('the defence', () => lab.output().includes('it is defended'));
    await until('another address', () => addressOf(lab) !== address && addressOf(lab) !== '');
    assert.equal(lab.output().match(/it is defended|is given up/g)?.length, 2);
  },
};
