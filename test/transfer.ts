import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { until } from './until.ts';

/** Of the listener. */
const port = 7777;
/** Milliseconds: programs begin slowly in User-mode Linux. */
const slow = 40_000;

/**
 * Sends a mebibyte by TCP from one network namespace to an address (IPv4) of another, from the VRF `within` where one is
 * given; resolves with whether the far end got the very bytes, by their SHA-256.
 */
export async function transfers(
  from: string,
  to: string,
  address: string,
  { within }: { within?: string } = {},
): Promise<boolean> {
  const bytes = randomBytes(1024 * 1024);
  const listen = ['-u', `TCP-LISTEN:${port},bind=${address},reuseaddr`, 'SYSTEM:sha256sum'];
  const listener = socat(to, listen);
  const got = text(listener.stdout!);
  const words = [`TCP:${address}:${port}`, 'connect-timeout=5'];
  if (within !== undefined) words.push(`so-bindtodevice=${within}`);
  let sender: ChildProcess | undefined;
  try {
    const local = `:${port.toString(16).toUpperCase()} 00000000:0000 0A`;
    const sockets = () =>
      execFileSync('ip', ['netns', 'exec', to, 'cat', '/proc/net/tcp'], { encoding: 'utf8' });
    await until('the listener', () => sockets().includes(local), slow);
    sender = socat(from, ['-u', '-', words.join()]);
    sender.stdin!.on('error', () => undefined).end(bytes);
    await until('the end of the listener', () => listener.exitCode !== null, slow);
    return (await got).startsWith(createHash('sha256').update(bytes).digest('hex'));
  } finally {
    sender?.kill();
    listener.kill();
  }
}

function socat(namespace: string, words: readonly string[]): ChildProcess {
  return spawn('ip', ['netns', 'exec', namespace, 'socat', ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
}
