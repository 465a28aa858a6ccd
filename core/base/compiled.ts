import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** Where what V8 made of a CommonJS file is kept for the next start (vm.Script, cachedData), if it is. */
export function cacheOf(file: string): string {
  return `${file}.cache`;
}

/**
 * Runs a CommonJS file anew and returns its exports. With a cache of this V8 and this text beside it, without compiling
 * it; such a file cannot `import()`. Who owns the two has been checked.
 */
export function requireAnew(file: string): object {
  const require = createRequire(file);
  const { netconfScripts: made } = globalThis as { netconfScripts?: Map<string, Script> };
  if (made === undefined && !existsSync(cacheOf(file))) {
    delete require.cache[file];
    return require(file) as object;
  }
  const cachedData = existsSync(cacheOf(file)) ? readFileSync(cacheOf(file)) : undefined;
  const text = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'utf8')}\n})`;
  const script = new Script(text, { filename: file, ...(cachedData !== undefined && { cachedData }) });
  // Whoever makes the caches wants to know what there is.
  made?.set(file, script);
  const module = { exports: {} };
  const run = script.runInThisContext() as (...values: unknown[]) => void;
  run(module.exports, require, module, file, dirname(file));
  return module.exports;
}
