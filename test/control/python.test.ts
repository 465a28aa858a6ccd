import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { needs } from '../setup.ts';
import { Bench } from './fake-backend.ts';

/** All that a client without a library has to know. */
const program = `
import json, socket, sys

class Netconf:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.rest = b''

    def send(self, method, parameters={}, **flags):
        self.socket.sendall(json.dumps({'method': method, 'parameters': parameters, **flags}).encode() + b'\\0')

    def receive(self):
        while b'\\0' not in self.rest:
            data = self.socket.recv(65536)
            if not data: raise EOFError
            self.rest += data
        message, self.rest = self.rest.split(b'\\0', 1)
        return json.loads(message)

    def call(self, method, parameters={}, **flags):
        self.send(method, parameters, **flags)
        return self.receive()

netconf = Netconf(sys.argv[1])
monitor = Netconf(sys.argv[1])
assert netconf.call('org.varlink.service.GetInfo')['parameters']['product'] == 'netconfd'
status = netconf.call('io.netconf.Status', {'parts': None}, more=True)
assert status['parameters']['links'][0]['ifname'] == 'lo', status
monitor.send('io.netconf.Monitor', {'names': ['home-*'], 'replay': False, 'interfaces': None}, more=True)
while True:
    # Until the subscription is there.
    emitted = netconf.call('io.netconf.Emit', {'event': 'home-lan-connected', 'data': {'ssid': 'Zuhause'}})
    monitor.socket.settimeout(0.2)
    try:
        told = monitor.receive()
        break
    except TimeoutError:
        pass
assert told['continues'], told
assert told['parameters']['event']['data'] == {'ssid': 'Zuhause'}, told
assert told['parameters']['event']['id'] == emitted['parameters']['id'], (told, emitted)
wrong = netconf.call('io.netconf.Emit', {'event': 'x', 'data': 7})
assert wrong == {'error': 'org.varlink.service.InvalidParameter', 'parameters': {'parameter': 'data', 'message': 'Expected an object'}}, wrong
print('fine')
`;

describe('a Python program without any library', () => {
  before(function () {
    needs(this, { programs: ['python3'] });
  });

  it('introspects, reads the status, emits an event and sees it', async () => {
    const bench = new Bench();
    await bench.server.listen();
    const python = spawn('python3', ['-c', program, bench.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    python.stdout.on('data', data => {
      output += data;
    });
    await new Promise(resolve => python.once('close', resolve));
    await bench.close();
    assert.equal(output, 'fine\n');
  });
});
