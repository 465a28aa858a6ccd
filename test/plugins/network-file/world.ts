import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { startDaemon, type TestDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';

let made = 0;

/** What the daemon answers to `network apply`. */
export interface Answer {
  state: string;
  results?: { interface: string; state: string; message?: string }[];
  undone?: { interface: string; state: string }[];
  interface?: string;
  message?: string;
  problems?: { severity: string; place: string; message: string }[];
}

/** A network namespace with links, a network file, and a daemon that can be ended and started again. */
export class World implements AsyncDisposable {
  readonly folder: Folder;
  readonly netns = `nf${process.pid}-${++made}`;
  daemon!: TestDaemon;

  private constructor(files: Record<string, string>) {
    this.folder = new Folder({ interfaces: '', ...files });
    execFileSync('ip', ['netns', 'add', this.netns]);
  }

  /**
   * @param text of the network file; none without it
   * @param links pairs of veth by name; the other end is `NAME-peer`, and up
   */
  static async start(
    text: string | undefined,
    links: readonly string[],
    more: Record<string, string> = {},
  ): Promise<World> {
    const world = new World({ ...(text !== undefined && { 'network.conf': text }), ...more });
    try {
      for (const link of links) world.addLink(link);
      await world.startDaemon();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  get file(): string {
    return `${this.folder.path}/network.conf`;
  }

  addLink(name: string): void {
    this.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-peer`);
    this.ip('link', 'set', `${name}-peer`, 'up');
  }

  write(text: string): void {
    writeFileSync(this.file, text);
  }

  /** A daemon on what another has left; with more plugins by file. */
  async startDaemon(more: Record<string, string> = {}): Promise<void> {
    const plugins = {
      interfaces: { file: `${this.folder.path}/interfaces`, scripts: this.folder.path },
      'network-file': { file: this.file },
    };
    this.daemon = await startDaemon({
      netns: this.netns,
      folder: `${this.folder.path}/daemon`,
      plugins: more,
      configuration: `plugins: ${JSON.stringify(plugins)}\n`,
    });
  }

  async apply(parameters: object = {}): Promise<Answer> {
    const { answer } = await this.daemon.client.call('Ask', {
      question: 'network apply',
      parameters: { ...parameters },
    });
    return answer as unknown as Answer;
  }

  ip(...words: string[]): string {
    return execFileSync('ip', ['-n', this.netns, ...words], { encoding: 'utf8' });
  }

  in(...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.netns, ...words], { encoding: 'utf8' });
  }

  /** Addresses of a link that are not its own: `10.0.0.1/24`. */
  addresses(link: string): string[] {
    const [{ addr_info: all = [] } = {}] = JSON.parse(this.ip('-j', 'address', 'show', 'dev', link)) as {
      addr_info?: { local: string; prefixlen: number; scope: string }[];
    }[];
    return all.filter(({ scope }) => scope !== 'link').map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  }

  /** Of the main table, as `ip` prints them, without what the kernel adds. */
  routes(...words: string[]): string[] {
    const text = this.ip(...words, 'route', 'show', 'proto', '110');
    return text.split('\n').flatMap(line => (line.trim() === '' ? [] : [line.trim()]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.daemon?.stop();
    } finally {
      execFileSync('ip', ['netns', 'del', this.netns]);
      this.folder[Symbol.dispose]();
    }
  }
}
