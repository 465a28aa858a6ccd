import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { checkTrust } from './trust.ts';

/** Where what V8 made of a CommonJS file is kept for the next start (vm.Script, cachedData), if it is: scripts/loader.cjs. */
export function cacheOf(file: string): string {
  return `${file}.${process.version}-${process.arch}.cache`;
}

/** A file that only passes on one of several modules that another file has: as what ships does. */
const passedOn = /^module\.exports = require\('(\.[\w./-]+)'\)\['([\w-]+)'\];\n$/;

/**
 * Runs a CommonJS file anew and returns its exports. One with a cache of this V8 and this text beside it is not compiled
 * again, and neither is what it passes on; such a file cannot `import()`. That nobody but root could have written the
 * file, and the cache beside it, has been checked.
 */
export function requireAnew(file: string): object {
  const text = readFileSync(file, 'utf8');
  const [, other, name] = passedOn.exec(text) ?? [];
  if (other !== undefined && name !== undefined) return oneOf(join(dirname(file), other), name);
  const cache = readCache(file);
  const made = compiledNow();
  if (cache !== undefined || made !== undefined) return run(file, text, cache);
  const require = createRequire(file);
  delete require.cache[file];
  return require(file) as object;
}

/** A file of several modules as it was last run, and which have been taken: whoever asks gets one of his own. */
interface Several {
  modules: Record<string, object>;
  taken: Set<string>;
  stamp: string;
}

const known = new Map<string, Several>();

function oneOf(file: string, name: string): object {
  const { mtimeMs, size, ino } = statSync(file);
  const stamp = `${mtimeMs}-${size}-${ino}`;
  let several = known.get(file);
  if (several === undefined || several.taken.has(name) || several.stamp !== stamp) {
    for (const part of existsSync(cacheOf(file)) ? [file, cacheOf(file)] : [file]) {
      const trust = checkTrust(part);
      if ('reason' in trust) throw new Error(trust.reason);
    }
    const modules = run(file, readFileSync(file, 'utf8'), readCache(file)) as Several['modules'];
    several = { modules, taken: new Set(), stamp };
    known.set(file, several);
  }
  several.taken.add(name);
  if (!Object.hasOwn(several.modules, name)) throw new Error(`${file} has no ${name}`);
  return several.modules[name]!;
}

function run(file: string, text: string, cachedData: Buffer | undefined): object {
  const script = new Script(`(function(exports,require,module,__filename,__dirname){${text}\n})`, {
    filename: file,
    ...(cachedData !== undefined && { cachedData }),
  });
  compiledNow()?.set(file, script);
  const module = { exports: {} };
  const body = script.runInThisContext() as (...values: unknown[]) => void;
  body(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

/** Undefined where it is damaged, too, and where no loader has started this program. */
function readCache(file: string): Buffer | undefined {
  return (globalThis as { netconfCached?: (file: string) => Buffer | undefined }).netconfCached?.(file);
}

/** Whoever makes the caches (scripts/code-cache.cjs) wants to know what there is. */
function compiledNow(): Map<string, Script> | undefined {
  return (globalThis as { netconfScripts?: Map<string, Script> }).netconfScripts;
}
