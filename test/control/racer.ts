// One daemon of many that start at once: says whether it got the socket, and keeps it until its input ends.
import { NetconfError } from '../../core/base/errors.ts';
import { log } from '../../core/base/log.ts';
import { ControlServer } from '../../core/control/server.ts';
import { FakeBackend } from './fake-backend.ts';

const server = new ControlServer({ path: process.argv[2]!, backend: new FakeBackend(), log: log('racer') });
try {
  await server.listen();
  console.log('listening');
} catch (error) {
  console.log(error instanceof NetconfError ? error.code : String(error));
}
process.stdin.resume().on('end', () => server.close());
