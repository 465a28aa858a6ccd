import {
  accessSync,
  closeSync,
  constants,
  readdirSync,
  readSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { constants as systemConstants } from 'node:os';
import { memoryFile, pipe, poll, readAvailable, rewind } from '../core/base/libc/files.ts';
import { SystemError } from '../core/base/libc/library.ts';
import { type Exit, processDescriptor, spawnProcess, waitProcess } from '../core/base/libc/process.ts';
import { extendedRegex, strerror } from '../core/base/libc/regex.ts';
import { lsbNames, type NameRule, selectNames, usualNames } from '../core/runner/select.ts';
import { type RunPartsOptions, readOptions, Stop } from './run-parts-options.ts';

/**
 * debianutils' run-parts 5.7 under another roof: the same selection, order, messages, streams and exit status, so that
 * it can stand in for it. No masks, no owner checks, no deadlines. Synchronous throughout, as run-parts is.
 */
export async function runParts(argv: readonly string[]): Promise<number> {
  const before = process.umask();
  try {
    process.umask(0o022);
    const options = readOptions(argv, print);
    if (options.umask !== undefined) process.umask(options.umask);
    return runAll(options);
  } catch (stop) {
    if (stop instanceof Stop) return stop.status;
    throw stop;
  } finally {
    process.umask(before);
  }
}

function runAll(options: RunPartsOptions): number {
  const rule = compile(options);
  const { directory } = options;
  const names = list(directory);
  if (options.debug) for (const name of ['.', '..', ...names]) tell(debugLine(name, options, rule));
  const input = options.stdin ? copyStandardInput() : undefined;
  let status = 0;
  for (const name of selectNames(['.', '..', ...names], rule, options.reverse)) {
    const file = `${directory}/${name}`;
    const stats = look(file);
    if (typeof stats === 'string') {
      complain(`failed to stat component ${file}: ${stats}`);
      if (options.exitOnError) return 1;
    } else if (stats.isFile()) {
      if (!may(file, constants.X_OK)) {
        if (options.list && may(file, constants.R_OK)) print(1, `${file}\n`);
      } else if (options.test || options.list) {
        if (options.test || may(file, constants.R_OK)) print(1, `${file}\n`);
      } else {
        if (options.verbose) tell(['run-parts: executing', file, ...options.arguments].join(' '));
        status = runOne(file, options, input) || status;
        if (status !== 0 && options.exitOnError) return status;
      }
    } else if (!stats.isDirectory() && !options.list) {
      // The program's name twice, and an empty line: as run-parts has it.
      complain(`run-parts: component ${file} is not an executable plain file\n`);
      status = 1;
    }
  }
  return status;
}

/** Status that this run leaves; 0 leaves the one before. */
function runOne(file: string, options: RunPartsOptions, input: number | undefined): number {
  const output = options.report ? pipe() : undefined;
  const errors = options.report ? pipe() : undefined;
  let exit: Exit;
  if (input !== undefined) rewind(input);
  try {
    const pid = spawnProcess({
      path: bytes(`${file}\0`),
      argv: [file, ...options.arguments].map(text => bytes(`${text}\0`)),
      environment: Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
      stdio: [input ?? 0, output?.write ?? 1, errors?.write ?? 2],
      isolation: options.newSession ? 'session' : 'none',
    });
    for (const end of [output?.write, errors?.write]) if (end !== undefined) closeSync(end);
    if (output !== undefined && errors !== undefined) report(file, pid, output.read, errors.read);
    exit = waitProcess(pid, { block: true }) ?? { status: null, signal: null };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // run-parts says this in the child, so --report puts a heading above it.
    if (options.report) tell(`${file}:`);
    complain(`failed to exec ${file}: ${strerror(error.errno)}`);
    for (const fd of [output, errors]) if (fd !== undefined) closeSync(fd.write);
    exit = { status: 1, signal: null };
  } finally {
    for (const fd of [output, errors]) if (fd !== undefined) closeSync(fd.read);
  }
  if (exit.signal !== null) {
    complain(`${file} exited because of uncaught signal ${exit.signal}`);
    return 1;
  }
  if (!exit.status) return 0;
  complain(`${file} exited with return code ${exit.status}`);
  return 1;
}

/** Passes on what the two pipes bring, with the file's name above what comes first; what comes after its end is lost. */
function report(file: string, pid: number, output: number, errors: number): void {
  const streams = new Map([
    [output, 1],
    [errors, 2],
  ]);
  let headed = false;
  const buffer = Buffer.allocUnsafe(4096);
  const ended = processDescriptor(pid);
  let over = false;
  try {
    while (streams.size > 0) {
      const ready = poll([...streams.keys(), ...(over ? [] : [ended])], over ? 0 : -1);
      if (over && ready.length === 0) return;
      if (ready.includes(ended)) over = true;
      for (const [fd, to] of streams) {
        if (!ready.includes(fd)) continue;
        const count = readAvailable(fd, buffer);
        if (count > 0) {
          if (!headed) print(to, `${file}:\n`);
          headed = true;
          write(to, buffer.subarray(0, count));
        } else if (count === 0) {
          streams.delete(fd);
        }
      }
    }
  } finally {
    closeSync(ended);
  }
}

function compile(options: RunPartsOptions): NameRule {
  if (options.names === 'lsb') return lsbNames;
  if (options.names === 'usual') return usualNames;
  try {
    return extendedRegex(options.names.regex);
  } catch (error) {
    tell(`Unable to build regexp: ${(error as Error).message}`);
    throw new Stop(1);
  }
}

function debugLine(name: string, options: RunPartsOptions, rule: NameRule): string {
  const verdict = rule(name) ? 'pass' : 'fail';
  if (options.names === 'usual') return `"${name}": classicalre ${verdict}`;
  if (options.names !== 'lsb') return `"${name}": customre ${verdict}`;
  const hierarchical = /^_?([a-z0-9_.]+-)+[a-z0-9]+$/.test(name);
  return `"${name}": ${hierarchical ? 'hierre pass, excsre' : 'tradre'} ${verdict}`;
}

function list(directory: string): string[] {
  try {
    return readdirSync(bytes(directory), { encoding: 'latin1' });
  } catch (error) {
    complain(`failed to open directory ${directory}: ${sentence(error)}`);
    throw new Stop(1);
  }
}

function look(file: string): Stats | string {
  try {
    return statSync(bytes(file));
  } catch (error) {
    return sentence(error);
  }
}

function may(file: string, mode: number): boolean {
  try {
    accessSync(bytes(file), mode);
    return true;
  } catch {
    return false;
  }
}

function copyStandardInput(): number {
  const copy = memoryFile('run-parts-stdin');
  const buffer = Buffer.allocUnsafe(65_536);
  for (;;) {
    let count: number;
    try {
      count = readSync(0, buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EOF') return copy;
      complain('run-parts: failed to read from stdin\n');
      complain('run-parts: failed to copy content of stdin\n');
      throw new Stop(1);
    }
    if (count === 0) return copy;
    writeSync(copy, buffer, 0, count);
  }
}

/** The C library's sentence for an error of Node's file system functions. */
function sentence(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  return strerror(systemConstants.errno[code as keyof typeof systemConstants.errno] ?? 0);
}

function complain(message: string): void {
  tell(`run-parts: ${message}`);
}

function tell(line: string): void {
  print(2, `${line}\n`);
}

function print(stream: number, text: string): void {
  write(stream, Buffer.from(text, 'latin1'));
}

/** All of it, also to a terminal or pipe that somebody has made non-blocking. A closed stream swallows it. */
function write(stream: number, all: Buffer): void {
  for (let left = all; left.length > 0; ) {
    try {
      left = left.subarray(writeSync(stream, left));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      poll([stream], -1, true);
    }
  }
}

/** Text here is bytes (latin1), as file names and arguments are to the kernel. */
function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
