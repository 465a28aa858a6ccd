import { createRequire } from 'node:module';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * An esbuild plugin for programs in one CommonJS file: modules that few runs need are put into it as compressed text
 * and compiled when they are first required: what is not read costs no start. A module has its own copy of what it
 * shares with the rest of the program, so no class of one is known to the other.
 *
 * @param {Readonly<Record<string, string>>} modules what imports name them by, to their entry: a package or a file
 * @param {import('esbuild').BuildOptions} options of the program
 * @returns {import('esbuild').Plugin}
 */
export function onDemand(modules, options) {
  const namespace = 'on-demand';
  return {
    name: namespace,
    setup(program) {
      program.onResolve(
        { filter: new RegExp(`^(${Object.keys(modules).map(literal).join('|')})$`) },
        ({ path }) => ({
          path,
          namespace,
        }),
      );
      program.onLoad({ filter: /./, namespace }, async ({ path }) => {
        const entry = createRequire(import.meta.url).resolve(modules[path]);
        const { outputFiles } = await build({
          ...options,
          entryPoints: [entry],
          write: false,
          format: 'cjs',
        });
        const text = deflateRawSync(outputFiles[0].text, { level: 9 }).toString('base64');
        const inflated = `require('node:zlib').inflateRawSync(Buffer.from('${text}', 'base64')).toString()`;
        return {
          contents: `new Function('require', 'module', 'exports', ${inflated})(require, module, module.exports);`,
          loader: 'js',
        };
      });
    },
  };
}

/** @param {string} text */
function literal(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
