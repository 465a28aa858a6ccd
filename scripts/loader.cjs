#!/usr/bin/env node
'use strict';
// Runs the program of this name in parts/, with what V8 made of it before where this is the same V8 (code-cache.cjs).
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
const { basename, join } = require('node:path');

const file = join(__dirname, 'parts', basename(__filename));
let cachedData;
try {
  cachedData = readFileSync(`${file}.cache`);
} catch {
  // Without it, it only takes longer.
}
const script = new Script(
  `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'latin1')}\n})`,
  {
    filename: file,
    cachedData,
  },
);
// Such a script cannot import by itself (core/base/import-module.ts).
globalThis.netconfImport = url => import(url);
globalThis.netconfScripts?.set(file, script);
script.runInThisContext()(exports, require, module, __filename, __dirname);
