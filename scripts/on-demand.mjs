import { createRequire } from 'node:module';
import { build } from 'esbuild';

/**
 * An esbuild plugin for programs in one CommonJS file: the named packages, which few runs need, are put into it as
 * text and compiled when they are first required. V8 reads over a string much faster than over functions that are not
 * called. Only for packages that share no module with the rest of the program.
 *
 * @param {readonly string[]} packages
 * @param {import('esbuild').BuildOptions} options of the program
 * @returns {import('esbuild').Plugin}
 */
export function onDemand(packages, options) {
  const namespace = 'on-demand';
  return {
    name: namespace,
    setup(program) {
      program.onResolve({ filter: new RegExp(`^(${packages.join('|')})$`) }, ({ path }) => ({
        path,
        namespace,
      }));
      program.onLoad({ filter: /./, namespace }, async ({ path }) => {
        const entry = createRequire(import.meta.url).resolve(path);
        const { outputFiles } = await build({
          ...options,
          entryPoints: [entry],
          write: false,
          format: 'cjs',
        });
        const text = JSON.stringify(outputFiles[0].text);
        return {
          contents: `new Function('require', 'module', 'exports', ${text})(require, module, module.exports);`,
          loader: 'js',
        };
      });
    },
  };
}
