import { build } from 'esbuild';

/** What reading a plain command line needs of a program's table; everything else is for people. */
const kept = new Set(['name', 'value', 'many', 'optional', 'verbatim', 'options', 'arguments', 'commands']);

/**
 * An esbuild plugin: gives the entry of a program its table of commands without the words for people, which only help,
 * completion and manual need, and find in the module that is loaded for those.
 *
 * @param {string} entry the program's file, which imports the table
 * @param {string} table as the entry imports it
 * @returns {import('esbuild').Plugin}
 */
export function leanTable(entry, table) {
  return {
    name: 'lean-table',
    setup(program) {
      program.onResolve({ filter: /./ }, ({ path, importer }) =>
        path === table && importer.endsWith(entry)
          ? { path, namespace: 'lean-table', pluginData: importer }
          : undefined,
      );
      program.onLoad({ filter: /./, namespace: 'lean-table' }, async ({ path, pluginData }) => {
        const { outputFiles } = await build({
          stdin: {
            contents: `export * from '${path}'`,
            resolveDir: pluginData.slice(0, -entry.length) + entry.replace(/[^/]*$/, ''),
          },
          bundle: true,
          platform: 'node',
          format: 'esm',
          write: false,
          logLevel: 'warning',
        });
        const module = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
        const lines = Object.entries(module).map(
          ([name, value]) => `export const ${name} = ${JSON.stringify(value, lean)};`,
        );
        return { contents: lines.join('\n'), loader: 'js' };
      });
    },
  };
}

/** @param {string} key
 * @param {unknown} value */
function lean(key, value) {
  return key === '' || /^\d+$/.test(key) || kept.has(key) ? value : undefined;
}
