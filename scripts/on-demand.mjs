import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * An esbuild plugin for programs in one CommonJS file: modules that few runs need become files beside it, in `parts/`, and
 * are loaded when they are first required. What is not used costs no start, and what all runs need stays one file.
 *
 * - `apart`: packages, and modules with parts of the core of their own. Such a module has its own copy of what it shares
 *   with the program, so no class of one is known to the other.
 * - `within`: files of the program. What the program has already is taken from there.
 *
 * @param {{ apart?: Readonly<Record<string, string>>, within?: readonly string[] }} modules `apart`: what imports name
 *   them by, to their entry, a package or a file; `within`: files, as the program imports them
 * @param {import('esbuild').BuildOptions} options of the program
 * @returns {import('esbuild').Plugin}
 */
export function onDemand({ apart = {}, within = [] }, options) {
  const named = paths => ({ filter: new RegExp(`^(${paths.map(literal).join('|')})$`) });
  return {
    name: 'on-demand',
    async setup(program) {
      const parts = program.initialOptions.outdir;
      mkdirSync(parts, { recursive: true });
      /** Writes a part; returns an expression that makes it the present module. */
      const part = (path, text, require) => {
        const file = `${basename(path, '.ts')}.cjs`;
        writeFileSync(join(parts, file), text);
        // Of scripts/loader.cjs.
        return `netconfPart('${file}')(module.exports, ${require}, module, __filename, __dirname);`;
      };
      if (Object.keys(apart).length > 0) {
        program.onResolve(named(Object.keys(apart)), ({ path }) => ({ path, namespace: 'apart' }));
        program.onLoad({ filter: /./, namespace: 'apart' }, async ({ path }) => {
          const { text } = await chunk(createRequire(import.meta.url).resolve(apart[path]), options);
          return { contents: part(path, text, 'require'), loader: 'js' };
        });
      }
      if (within.length === 0) return;
      const shared = await inputsOf(program.initialOptions, [...Object.keys(apart), ...within]);
      program.onResolve(named(within), ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path),
        namespace: 'within',
      }));
      program.onLoad({ filter: /./, namespace: 'within' }, async ({ path }) => {
        const { text, taken } = await chunk(path, options, shared);
        const imports = taken.map((file, at) => `import * as m${at} from ${JSON.stringify(resolve(file))};`);
        const table = taken.map((file, at) => `${JSON.stringify(file)}: m${at}`);
        const contents = [
          ...imports,
          `const taken = {${table.join()}};`,
          part(path, text, 'name => taken[name] ?? require(name)'),
        ];
        return { contents: contents.join('\n'), loader: 'js', resolveDir: dirname(path) };
      });
    },
  };
}

/** Modules of Node that packages load at their beginning and seldom need, each a millisecond: loaded at the first use. */
const late = {
  name: 'late',
  setup(part) {
    part.onResolve({ filter: /^(crypto|fs\/promises)$/ }, ({ path }) => ({ path, namespace: 'late' }));
    part.onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, key) => (key === '__esModule' ? undefined : require('node:${path}')[key]) });`,
    }));
  },
};

/**
 * A module and all that it needs; what is `shared` is left for `require`, by its path from here.
 *
 * @param {string} entry
 * @param {import('esbuild').BuildOptions} options
 * @param {ReadonlySet<string>} [shared]
 */
async function chunk(entry, options, shared = new Set()) {
  const taken = new Set();
  const share = {
    name: 'share',
    setup(part) {
      part.onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        const file = relative(process.cwd(), resolve(resolveDir, path));
        if (kind === 'entry-point' || !shared.has(file)) return undefined;
        taken.add(file);
        return { path: file, external: true };
      });
    },
  };
  const made = await build({
    ...options,
    entryPoints: [entry],
    write: false,
    format: 'cjs',
    plugins: [share, late],
  });
  return { text: made.outputFiles[0].text, taken: [...taken] };
}

/**
 * The files of a program without these modules.
 *
 * @param {import('esbuild').BuildOptions} options
 * @param {readonly string[]} without
 * @returns {Promise<ReadonlySet<string>>}
 */
async function inputsOf(options, without) {
  const plugins = options.plugins?.filter(({ name }) => name !== 'on-demand') ?? [];
  const leave = {
    name: 'leave',
    setup(program) {
      const filter = new RegExp(`^(${without.map(literal).join('|')})$`);
      program.onResolve({ filter }, ({ path }) => ({ path, external: true }));
    },
  };
  const { metafile } = await build({
    ...options,
    plugins: [leave, ...plugins],
    write: false,
    metafile: true,
  });
  return new Set(Object.keys(metafile.inputs));
}

/** @param {string} text */
function literal(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
