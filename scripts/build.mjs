// Makes dist/, which is laid out as /usr/lib/netconf is: the programs, and beside them what ships.
import { isAscii } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { leanTable } from './lean-table.mjs';
import { onDemand } from './on-demand.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
/** Made beside the old one and put in its place at the end: a build that fails leaves what was there. */
const dist = 'dist.new';
rmSync(dist, { recursive: true, force: true });
mkdirSync(`${dist}/plugins`, { recursive: true });

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  external: ['koffi'],
  legalComments: 'none',
  logLevel: 'warning',
  // Only used where there is no `require` (core/base/libc/koffi.ts).
  logOverride: { 'empty-import-meta': 'silent' },
};
const small = { ...common, minify: true, inject: ['scripts/clock.mjs'] };
/** One CommonJS file a program, and parts for what few runs need: they start much faster than loose modules (see docs/decisions). */
const packages = { commander: 'commander', cosmiconfig: 'cosmiconfig', yaml: 'yaml' };
/** What an operation without a daemon needs: all of netconfd's core. */
const alone = { './standalone.ts': '../cli/ifupdown/standalone.ts' };
const programs = {
  netconfd: { entry: 'core/main.ts', onDemand: { apart: packages } },
  netconf: {
    entry: 'cli/netconf.ts',
    table: './table.ts',
    onDemand: {
      apart: { './commander-line.ts': '../core/base/commander-line.ts', './offline.ts': '../cli/offline.ts' },
      // All but what programs call, and people most.
      within: readdirSync('cli/commands')
        .filter(file => !['emit.ts', 'history.ts', 'status.ts'].includes(file))
        .map(file => `./commands/${file}`),
    },
  },
  ...Object.fromEntries(
    ['ifup', 'ifdown', 'ifquery'].map(name => [
      name,
      { entry: `cli/${name}.ts`, onDemand: { apart: alone } },
    ]),
  ),
};
/** ES modules for other people's code. */
const libraries = { client: 'core/control/client.ts', plugin: 'core/plugin/contract.ts' };
const shipped = readdirSync('plugins', { withFileTypes: true }).filter(entry => entry.isDirectory());

await Promise.all([
  ...Object.entries(programs).map(([name, { entry, table, onDemand: modules }]) =>
    build({
      ...small,
      entryPoints: { [name]: entry },
      outdir: `${dist}/parts`,
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      plugins: [...(table === undefined ? [] : [leanTable(entry, table)]), onDemand(modules, small)],
    }),
  ),
  build({
    ...common,
    entryPoints: libraries,
    outdir: dist,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  }),
  // What ships is one part, in which each plugin is made when it is first asked for, and shares with the others what
  // several have. (The first ES module would cost the daemon's start 10 ms, each further one 3.)
  build({
    ...small,
    stdin: {
      contents: `module.exports = {${shipped.map(({ name }) => `get '${name}'() { return require('./${name}/index.ts'); }`).join()}};`,
      resolveDir: 'plugins',
    },
    outfile: `${dist}/parts/shipped-plugins.cjs`,
    format: 'cjs',
  }),
  build({
    ...common,
    entryPoints: { generate: 'scripts/generate.ts' },
    outdir: dist,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  }),
]);

for (const name of Object.keys(programs)) {
  copyFileSync('scripts/loader.cjs', `${dist}/${name}.cjs`);
  chmodSync(`${dist}/${name}.cjs`, 0o755);
}
for (const { name } of shipped)
  writeFileSync(
    `${dist}/plugins/${name}.cjs`,
    `module.exports = require('../parts/shipped-plugins.cjs')['${name}'];\n`,
  );
copyFileSync('scripts/code-cache.cjs', `${dist}/parts/code-cache.cjs`);
for (const folder of ['hooks.d', 'methods'])
  if (existsSync(folder)) cpSync(folder, `${dist}/${folder}`, { recursive: true });
execFileSync(process.execPath, [`${dist}/generate.mjs`, dist], { stdio: 'inherit' });
rmSync(`${dist}/generate.mjs`);
execFileSync('node_modules/.bin/tsc', ['-p', 'scripts/tsconfig.types.json', '--outDir', `${dist}/types`], {
  stdio: 'inherit',
});
// scripts/loader.cjs reads them as Latin-1, and V8 twice as fast as what is not.
for (const file of readdirSync(`${dist}/parts`))
  if (!isAscii(readFileSync(`${dist}/parts/${file}`)))
    throw new Error(`${file} is not ASCII: write \\u2026 in regular expressions`);
rmSync('dist', { recursive: true, force: true });
renameSync(dist, 'dist');
execFileSync(process.execPath, ['dist/parts/code-cache.cjs'], { stdio: 'inherit' });
