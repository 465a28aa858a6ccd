/**
 * Runs test files in User-mode Linux: `npm run test:lab [FILE]…`, all `*.lab.ts` without one. Each file has a guest of
 * its own, with the machine's files under it, root's rights, and devices that the machine's kernel may lack.
 *
 * Debian's package user-mode-linux has bonding, VLAN, VRF, dummy and CAN. A kernel that `test/lab/build-uml DIRECTORY` built
 * has Wi-Fi, WireGuard and all of nftables too: `LAB_UML=DIRECTORY`.
 */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { packagesOfLab, unpack } from '../debian-package.ts';
import { root, sourcesIn } from '../imports.ts';
import { packages as wirelessPackages } from '../plugins/wpa-supplicant/programs.ts';
import { has, mochaGlobalSetup } from '../setup.ts';

const named = process.argv.slice(2);
const files = named.length > 0 ? named.map(file => relative(root, file)) : labFiles();
const seconds = 400;
const totals = { passed: 0, failed: 0, skipped: 0 };

mochaGlobalSetup();
for (const name of [...packagesOfLab, ...wirelessPackages]) {
  try {
    unpack(name);
  } catch (error) {
    // Tests that need it are skipped, and say so.
    console.log(`Debian's ${name}: ${(error as Error).message}`);
  }
}
if (process.env.LAB_UML === undefined && !has('linux.uml')) {
  console.log('skipped: needs the package user-mode-linux, or LAB_UML, a kernel of test/lab/build-uml');
  if (process.env.CI === 'true') process.exitCode = 1;
  totals.skipped = files.length;
} else {
  const waiting = [...files];
  const workers = Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await runInGuest(file);
  });
  await Promise.all(workers);
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
if (totals.failed > 0) process.exitCode = 1;

/** What a guest prints is shown when it has ended, so that two do not mix. */
async function runInGuest(file: string, env = process.env): Promise<void> {
  const mocha = ['--import', 'tsx/esm', 'node_modules/mocha/bin/mocha.js', '--no-config'];
  const options = [
    '--require',
    './test/setup.ts',
    '--reporter',
    './test/reporter.cjs',
    '--timeout',
    '60000',
    '--retries',
    '1',
  ];
  const line = ['-m', '2048', '-t', String(seconds), process.execPath, ...mocha, ...options, file];
  const guest = spawn(join(root, 'test/lab/lab-uml'), line, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [guest.stdout, guest.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const status = await new Promise<number | null>(resolve => {
    guest.once('error', error => {
      output += error.message;
      resolve(null);
    });
    guest.once('close', resolve);
  });
  const [, passed, failed, skipped] = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output) ?? [];
  if (status === 0 && passed === '0' && env.LAB_UML !== undefined && has('linux.uml')) {
    // What this kernel lacks, Debian's may have.
    const { LAB_UML: _, ...others } = env;
    return runInGuest(file, others);
  }
  console.log(`\n${file}\n${output.replace(/^\d+ passed, \d+ failed.*\n/m, '').trimEnd()}`);
  totals.passed += Number(passed ?? 0);
  totals.skipped += Number(skipped ?? 0);
  totals.failed += Number(failed ?? 0);
  if (status === 0 || Number(failed ?? 0) > 0) return;
  totals.failed += 1;
  console.log(`  the guest ended with status ${status}`);
}

/** The largest first: they take longest, as a rule, and none of them runs alone at the end. */
function labFiles(): string[] {
  const size = (file: string) => statSync(join(root, file)).size;
  return sourcesIn('test')
    .filter(file => file.endsWith('.lab.ts'))
    .sort((a, b) => size(b) - size(a));
}
