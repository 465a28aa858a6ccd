import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const release = 'trixie';

/**
 * A Debian of its own below a folder, with Node and ifupdown: what is installed there touches nothing of the machine.
 * Programs run in it in namespaces of their own (mount, network, processes): nothing of them is left.
 */
export class Root implements Disposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** The sentence why there is none where the mirror is out of reach, or too slow. */
  static make(seconds: number): Root | string {
    const path = mkdtempSync(join(tmpdir(), 'netconf-root-'));
    const mirror = mirrorOfApt();
    const words = [
      '--mode=root',
      '--variant=essential',
      '--include=nodejs,ifupdown',
      '--format=directory',
      '--dpkgopt=force-unsafe-io',
      '--dpkgopt=path-exclude=/usr/share/locale/*',
      // ifupdown's own package stays there, to be installed once more.
      '--skip=cleanup/apt/cache',
    ];
    const made = spawnSync('mmdebstrap', [...words, release, path, mirror], {
      encoding: 'utf8',
      timeout: seconds * 1000,
    });
    if (made.status === 0) return new Root(path);
    rmSync(path, { recursive: true, force: true });
    const reason = made.stderr.trim().split('\n').at(-1) ?? '';
    return `needs ${release} from ${mirror}: ${made.signal === null ? reason : `not made within ${seconds} s`}`;
  }

  /** Runs a shell script in it; throws with what it printed when that fails. */
  run(script: string): string {
    const own = ['--mount', '--net', '--pid', '--fork', '--kill-child', `--mount-proc=${this.path}/proc`];
    const inside = ['env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
    const shell = ['sh', '-euc', script];
    return execFileSync('unshare', [...own, 'chroot', this.path, ...inside, ...shell], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
  }

  /** A link counts, whatever it points to: its target is one of the root's own. */
  has(path: string): boolean {
    return lstatSync(join(this.path, path), { throwIfNoEntry: false }) !== undefined;
  }

  copy(file: string, path: string): void {
    cpSync(file, join(this.path, path));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Where the machine's own packages come from. */
function mirrorOfApt(): string {
  const line = ['indextargets', '--format', '$(SITE)', 'Component: main'];
  const { stdout } = spawnSync('apt-get', line, { encoding: 'utf8' });
  return stdout?.split('\n')[0] ?? '';
}
