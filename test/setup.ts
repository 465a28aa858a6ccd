import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian packages whose programs the tests run, with one program (or file) of each. None of them starts a service. */
const packages: Record<string, string> = {
  'busybox-static': 'busybox',
  dash: 'dash',
  debianutils: 'run-parts',
  'dbus-daemon': 'dbus-daemon',
  'dnsmasq-base': 'dnsmasq',
  fish: 'fish',
  iproute2: 'ip',
  'iputils-arping': 'arping',
  'isc-dhcp-client': 'dhclient',
  'iputils-ping': 'ping',
  kmod: 'modprobe',
  'libglib2.0-bin': 'gdbus',
  mmdebstrap: 'mmdebstrap',
  'netcat-openbsd': 'nc',
  nftables: 'nft',
  openssl: 'openssl',
  // Its service starts what lies in /etc/openvpn, which is nothing.
  openvpn: 'openvpn',
  'perl-base': 'perl',
  python3: 'python3',
  'python3-dbus': '/usr/lib/python3/dist-packages/dbus',
  'python3-gi': '/usr/lib/python3/dist-packages/gi',
  shellcheck: 'shellcheck',
  socat: 'socat',
  strace: 'strace',
  tcpdump: 'tcpdump',
  udhcpc: 'udhcpc',
  'user-mode-linux': 'linux.uml',
  'util-linux': 'unshare',
  'wireguard-tools': 'wg',
  zsh: 'zsh',
};

/** Is there a program of this name, or a file of this path? */
export function has(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program);
  try {
    execFileSync('sh', ['-c', `command -v "${program}"`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const isRoot = process.getuid?.() === 0;

/** In a guest of test/lab: what is installed was installed outside. */
const inGuest = process.env.LAB_GUEST !== undefined;

/** Installs what is missing, where apt-get works; what stays missing makes the tests that need it skip. */
export function mochaGlobalSetup(): void {
  if (inGuest) return;
  const missing = Object.entries(packages).filter(([, program]) => !has(program));
  if (missing.length === 0 || !isRoot || !has('apt-get')) return;
  const names = missing.map(([name]) => name);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  console.log(`installing ${names.join(' ')}`);
  for (const line of [['update'], ['install', '-y', '-q', '--no-install-recommends', ...names]]) {
    try {
      execFileSync('apt-get', line, { stdio: 'ignore', env: environment, timeout: 300_000 });
    } catch (error) {
      console.log(`apt-get ${line.join(' ')}: ${(error as Error).message}`);
    }
  }
}

/**
 * Skips the suite or test, with the reason printed, unless the need is met; `modules` are of the kernel. In CI a missing package is a failure.
 */
export function needs(
  context: Mocha.Context,
  need: { root?: boolean; programs?: string[]; modules?: string[] },
): void {
  if (need.root && !isRoot) skip(context, 'needs root');
  const module = (need.modules ?? []).find(name => !isInKernel(name));
  if (module !== undefined) skip(context, `needs a kernel with ${module}: see test/lab`);
  const missing = (need.programs ?? []).filter(program => !has(program));
  if (missing.length === 0) return;
  const reason = `needs ${missing.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(`${reason}: could not be installed`);
  skip(context, reason);
}

/** Built in, loaded, or to be had from modprobe. */
function isInKernel(module: string): boolean {
  return spawnSync('modprobe', ['-q', module], { stdio: 'ignore' }).status === 0;
}

/** Skips, with the reason printed. */
export function skip(context: Mocha.Context, reason: string): never {
  console.log(`      skipped: ${reason}`);
  return context.skip();
}
