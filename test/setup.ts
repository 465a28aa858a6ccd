import { execFileSync } from 'node:child_process';

/** Debian packages whose programs the tests run, with one program of each. None of them starts a service. */
const packages: Record<string, string> = {
  busybox: 'busybox',
  dash: 'dash',
  debianutils: 'run-parts',
  'dnsmasq-base': 'dnsmasq',
  iproute2: 'ip',
  'iputils-arping': 'arping',
  'isc-dhcp-client': 'dhclient',
  mmdebstrap: 'mmdebstrap',
  'netcat-openbsd': 'nc',
  'perl-base': 'perl',
  python3: 'python3',
  shellcheck: 'shellcheck',
  socat: 'socat',
  strace: 'strace',
  udhcpc: 'udhcpc',
  'util-linux': 'unshare',
};

export function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v "${program}"`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const isRoot = process.getuid?.() === 0;

/** Installs what is missing, where apt-get works; what stays missing makes the tests that need it skip. */
export function mochaGlobalSetup(): void {
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
 * Skips the suite or test, with the reason printed, unless the need is met. In CI a missing package is a failure.
 */
export function needs(context: Mocha.Context, need: { root?: boolean; programs?: string[] }): void {
  if (need.root && !isRoot) skip(context, 'needs root');
  const missing = (need.programs ?? []).filter(program => !has(program));
  if (missing.length === 0) return;
  const reason = `needs ${missing.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(`${reason}: could not be installed`);
  skip(context, reason);
}

/** Skips, with the reason printed. */
export function skip(context: Mocha.Context, reason: string): never {
  console.log(`      skipped: ${reason}`);
  return context.skip();
}
