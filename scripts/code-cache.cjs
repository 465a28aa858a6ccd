'use strict';
/*
 * Keeps what V8 makes of the programs for their next start (vm.Script, cachedData), where those are that a start runs
 * through: the daemon with its plugins up to its readiness, a call of each client. The name says for which
 * Node and processor it is; where there is none, it is compiled as ever. Run it after an installation or with another Node: node parts/code-cache.cjs
 */
const { spawn, spawnSync } = require('node:child_process');
const { mkdtempSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { basename, dirname, join } = require('node:path');

const programs = dirname(__dirname);
/** Milliseconds that the daemon may take to be ready. */
const longest = 20_000;

if (process.argv[2] === '--keep') keep(process.argv[3]);
else make();

/** In a process of its own: runs a program, and writes the cache when it ends, or is ready. */
function keep(program) {
  const scripts = new Map();
  globalThis.netconfScripts = scripts;
  const write = () => {
    for (const [file, script] of scripts) {
      const cache = `${file}.${globalThis.netconfCache}`;
      const data = script.createCachedData();
      const length = Buffer.alloc(4);
      length.writeUInt32LE(data.length);
      // On the disk before it has its name: a machine that loses power then must start all the same.
      writeFileSync(`${cache}.new`, Buffer.concat([data, length]), { flush: true });
      renameSync(`${cache}.new`, cache);
    }
  };
  process.argv.splice(1, 3, program);
  // The daemon says that it is ready on standard error; what comes right after belongs to its start, too.
  if (basename(program) === 'netconfd.cjs') setTimeout(write, 1500);
  else process.once('exit', write);
  require(program);
}

async function make() {
  const folder = mkdtempSync(join(tmpdir(), 'netconf-'));
  const socket = join(folder, 'control');
  const configuration = join(folder, 'netconf.yaml');
  writeFileSync(configuration, '# nothing\n');
  const interfaces = join(folder, 'interfaces');
  writeFileSync(interfaces, 'auto lo\niface lo inet loopback\n');
  const line = (program, words) => [__filename, '--keep', join(programs, `${program}.cjs`), ...words];
  const { NODE_OPTIONS, ...env } = process.env;
  const daemon = spawn(
    process.execPath,
    line('netconfd', [
      '--observe',
      '--config',
      configuration,
      '--socket',
      socket,
      '--hooks',
      folder,
      '--plugins',
      folder,
    ]),
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    await new Promise((resolve, reject) => {
      setTimeout(reject, longest, new Error('netconfd is not ready')).unref();
      daemon.once('exit', () => reject(new Error('netconfd has ended')));
      daemon.stderr.on('data', text => String(text).includes('Control socket') && resolve());
    });
    const calls = [
      ['netconf', ['--socket', socket, 'history']],
      ['netconf', ['--socket', socket, 'status']],
      ['netconf', ['--socket', socket, 'emit', 'home-lan-connected', 'SSID=home']],
      ['ifquery', ['-i', interfaces, '--list']],
      ['ifup', ['-n', '-i', interfaces, 'lo']],
      ['ifdown', ['-n', '-i', interfaces, 'lo']],
    ];
    for (const [program, words] of calls) {
      spawnSync(process.execPath, line(program, words), { env, stdio: 'ignore', timeout: longest });
    }
    await new Promise(resolve => setTimeout(resolve, 2000));
  } catch (error) {
    // A program without a cache starts all the same.
    process.stderr.write(`code cache: ${error.message}\n`);
  } finally {
    if (daemon.exitCode === null && daemon.kill()) await new Promise(resolve => daemon.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}
