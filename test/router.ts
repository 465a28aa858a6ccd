import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Folder } from './folder.ts';
import { until } from './until.ts';

let made = 0;

/**
 * radvd on one end of a cable, which is moved into a namespace of its own: it advertises 2001:db8:77::/64, itself as the
 * default router, a name server and a search domain (RFC 4861, RFC 8106), and answers solicitations.
 */
export class Router implements AsyncDisposable {
  readonly #netns = `radvd${process.pid}-${made++}`;
  readonly #folder = new Folder();
  #child: ChildProcess | undefined;
  #output = '';

  private constructor() {}

  /**
   * @param root radvd's package, unpacked
   * @param netns where the link is now; its other end stays there
   */
  static async start(root: string, netns: string, link: string): Promise<Router> {
    const router = new Router();
    try {
      await router.#start(root, netns, link);
      return router;
    } catch (error) {
      await router[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Ends it as a router that breaks down: nobody is told that it is none any more. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise(resolve => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    execFileSync('ip', ['netns', 'del', this.#netns]);
    this.#folder[Symbol.dispose]();
  }

  async #start(root: string, netns: string, link: string): Promise<void> {
    const inside = (...words: string[]) =>
      execFileSync('ip', ['netns', 'exec', this.#netns, ...words], { encoding: 'utf8' });
    execFileSync('ip', ['netns', 'add', this.#netns]);
    execFileSync('ip', ['-n', netns, 'link', 'set', link, 'netns', this.#netns]);
    const settings = ['all.forwarding=1', `${link}.disable_ipv6=0`, `${link}.accept_dad=0`];
    for (const setting of settings) inside('sysctl', '-qw', `net.ipv6.conf.${setting}`);
    inside('ip', 'link', 'set', link, 'up');
    // Its own would wait for a carrier.
    inside('ip', 'address', 'add', 'fe80::1/64', 'dev', link, 'nodad');
    const configuration = this.#folder.write(
      'radvd.conf',
      `interface ${link} {
        AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; MinDelayBetweenRAs 3;
        prefix 2001:db8:77::/64 { AdvOnLink on; AdvAutonomous on; };
        RDNSS 2001:db8:77::53 { };
        DNSSL lab.test { };
      };\n`,
    );
    const own = ['--nodaemon', '--config', configuration, '--pidfile', join(this.#folder.path, 'pid')];
    const line = [join(root, 'usr/sbin/radvd'), ...own, '--logmethod', 'stderr', '--debug', '1'];
    const child = spawn('ip', ['netns', 'exec', this.#netns, ...line], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    await until('radvd', () => {
      if (child.exitCode !== null) throw new Error(`radvd ended: ${this.#output}`);
      return /version .* started/.test(this.#output);
    });
  }
}
