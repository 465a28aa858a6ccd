#!/usr/bin/env node
'use strict';
// Runs the program of this name in parts/, with what V8 made of it before where this is the same V8 (code-cache.cjs).
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
const { basename, join } = require('node:path');

/** V8 does not notice that it was another processor's, or another build of its own: it would crash. */
const cache = `${process.version}-${process.arch}.cache`;

/** What was kept of a file. Nor does V8 notice that a part is missing: the last four bytes are the length of the others. */
function cached(file) {
  try {
    const bytes = readFileSync(`${file}.${cache}`);
    const data = bytes.subarray(0, -4);
    return bytes.readUInt32LE(data.length) === data.length ? data : undefined;
  } catch {
    // Without it, it only takes longer.
    return undefined;
  }
}

/** What a file of parts/ gives: a function of the names that a CommonJS module has. */
function part(name) {
  const file = join(__dirname, 'parts', name);
  const text = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(text, { filename: file, cachedData: cached(file) });
  globalThis.netconfScripts?.set(file, script);
  return script.runInThisContext();
}

globalThis.netconfPart = part;
globalThis.netconfCache = cache;
globalThis.netconfCached = cached;
// Such a script cannot import by itself (core/base/import-module.ts).
globalThis.netconfImport = url => import(url);
part(basename(__filename))(exports, require, module, __filename, __dirname);
