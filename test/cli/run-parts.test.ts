import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { needs } from '../setup.ts';

const cache = join(import.meta.dirname, '../../node_modules/.cache');
const program = join(cache, `run-parts-${process.pid}.cjs`);

interface Entry {
  name: string;
  kind:
    | { script: string; mode: number }
    | 'directory'
    | 'dangling'
    | 'fifo'
    | 'link'
    | 'no-format'
    | 'no-interpreter'
    | 'directory-link';
}

/** Both programs on the same directory; each sees the same environment, directory and standard input. */
function both(options: readonly string[], folder: string, input = '', environment: NodeJS.ProcessEnv = {}) {
  const run = (command: string, args: readonly string[]) => {
    const { status, signal, stdout, stderr } = spawnSync(command, args, {
      cwd: folder,
      input,
      env: { PATH: process.env.PATH, ...environment },
      encoding: 'latin1',
    });
    return { status, signal, stdout, stderr };
  };
  return {
    theirs: run('run-parts', options),
    ours: run(process.execPath, [program, ...options]),
  };
}

function agree(options: readonly string[], folder: string, input?: string, environment?: NodeJS.ProcessEnv) {
  const { theirs, ours } = both(options, folder, input, environment);
  assert.deepEqual(ours, theirs, `run-parts ${options.join(' ')}`);
  return theirs;
}

describe('netconf run-parts', function () {
  this.timeout(60_000);
  let top: string;
  before(function () {
    needs(this, { programs: ['run-parts', 'mkfifo'] });
    mkdirSync(cache, { recursive: true });
    buildSync({
      stdin: {
        contents: `import { runParts } from '../../cli/run-parts.ts';
          runParts(process.argv.slice(2)).then(status => { process.exitCode = status; });`,
        resolveDir: import.meta.dirname,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['koffi'],
      outfile: program,
      logLevel: 'error',
    });
  });
  after(() => rmSync(program, { force: true }));
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'run-parts-'));
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const script = (name: string, body: string, mode = 0o755) => {
    const path = join(top, 'd', name);
    mkdirSync(join(top, 'd'), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, mode);
    return path;
  };

  function make(entries: readonly Entry[]) {
    const folder = join(top, 'd');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const { name, kind } of entries) {
      const path = join(folder, name);
      if (typeof kind === 'object') script(name, kind.script, kind.mode);
      else if (kind === 'directory') mkdirSync(path);
      else if (kind === 'dangling') symlinkSync('nowhere', path);
      else if (kind === 'fifo') execFileSync('mkfifo', [path]);
      else if (kind === 'link') symlinkSync('/bin/true', path);
      else if (kind === 'directory-link') symlinkSync('/', path);
      else writeFileSync(path, kind === 'no-format' ? 'echo\n' : '#!/no/such\n', { mode: 0o755 });
    }
  }

  const entry: fc.Arbitrary<Entry> = fc.record({
    name: fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abZ09_-'), minLength: 1, maxLength: 6 }),
      fc.constantFrom('a.sh', 'b~', 'x.dpkg-old', 'a-b', '_a-b', 'c d', 'README', '10-a', 'é'),
    ),
    kind: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          script: fc.constantFrom(
            'echo out $0 "$@"',
            'echo err >&2; exit 3',
            'echo out; echo err >&2; echo more; exit 200',
            'kill -TERM $$',
            'umask; pwd; tail -n 1',
            ':',
            'cat',
            'head -c 70000 /dev/zero',
          ),
          mode: fc.constantFrom(0o755, 0o755, 0o755, 0o644, 0o000, 0o111),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          ...([
            'directory',
            'dangling',
            'fifo',
            'link',
            'no-format',
            'no-interpreter',
            'directory-link',
          ] as const),
        ),
      },
    ),
  });
  const option = fc.constantFrom(
    '--test',
    '--list',
    '--verbose',
    '-v',
    '--report',
    '--reverse',
    '--exit-on-error',
    '--stdin',
    '--new-session',
    '--lsbsysinit',
    '--regex=^[a-z]+$',
    '--regex=.',
    '--arg=one two',
    '-athree',
    '--arg=',
    '--umask=077',
    '-u',
    '0',
    '--rep',
    '--',
    '--debugg',
    'extra',
  );

  it('lists, runs, prints and ends as run-parts does, whatever the directory and options', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { maxLength: 6, selector: ({ name }) => name }),
        fc.array(option, { maxLength: 4 }),
        (entries, options) => {
          make(entries);
          agree([...options, 'd'], top, 'input\nlast line\n');
        },
      ),
      { numRuns: 120, endOnFailure: true },
    );
  });

  it('speaks as run-parts does of every mistake on its command line', () => {
    script('a', 'echo hi');
    const mistakes = [
      [],
      ['d', 'd'],
      ['--bogus', 'd'],
      ['--bogus=1', 'd'],
      ['-x', 'd'],
      ['-vx', 'd'],
      ['--re', 'd'],
      ['--l', 'd'],
      ['--ver', 'd'],
      ['--=x', 'd'],
      ['--test=1', 'd'],
      ['--te=1', 'd'],
      ['--arg'],
      ['--ar'],
      ['-a'],
      ['-u'],
      ['--umask', 'd'],
      ['--list', '--test', 'd'],
      ['nowhere'],
      ['/etc/passwd'],
      ['-'],
      [''],
      ['--', '--test'],
      ...['9', '', '08', '0x8', '1g', '7777', '10000', '-1', '-0', '+7', ' 7', '99999999999999'].map(mask => [
        `--umask=${mask}`,
        'd',
      ]),
    ];
    for (const options of mistakes) agree(options, top);
    agree(['d', '--test'], top, '', { POSIXLY_CORRECT: '1' });
    assert.equal(agree(['d', '--test'], top).stdout, 'd/a\n');
    assert.equal(agree(['--help'], top).status, 0);
  });

  it('takes a POSIX extended regular expression as run-parts does, and refuses with its words', () => {
    for (const name of ['a', 'ab', 'abc', '1', 'A-b', 'a.b', 'a b', '[', ']', 'a*', '^', '\u00e9', 'a\nb']) {
      script(name, '');
    }
    const patterns = [
      '^[[:alnum:]]+$',
      '^[^[:alpha:]]',
      '[]]',
      '[^]a]',
      '^a{2}$|^1$',
      '^(a|b)+c?$',
      '',
      '()',
      'a||b',
      '\\.',
      '^.$',
      '[[.hyphen.]]',
      '[[=a=]]',
      '(',
      ')',
      '[',
      '[a',
      '[[:foo:]]',
      '*',
      'a**',
      'a{3,1}',
      'a{1',
      'a{99999}',
      '\\',
      '(a)\\1',
      '[b-a]',
      '^*',
    ];
    for (const pattern of patterns) agree([`--regex=${pattern}`, '--test', 'd'], top);
  });

  it('gives a script its arguments, session, umask, environment and standard input as run-parts does', () => {
    script(
      'a',
      'test $(ps -o sid= -p $$) = $$ && echo leader; umask; env | sort | grep -v "^_="; echo "$# $*"; cat',
    );
    script('b', 'cat');
    for (const options of [[], ['--new-session'], ['--stdin'], ['--umask=027', '-a', 'x', '--arg=y z']]) {
      agree([...options, 'd'], top, 'one\ntwo\n', { FOO: 'bar baz', EMPTY: '' });
    }
  });

  it('does not wait with --report for a background child that holds the output open', () => {
    script('a', 'echo early; sleep 5 & exit 0');
    script('b', 'echo b; exec >&- 2>&-; sleep 0.1; exit 3');
    agree(['--report', 'd'], top);
  });

  it('passes bytes that are no UTF-8 through', () => {
    mkdirSync(join(top, 'd'));
    writeFileSync(Buffer.from(`${top}/d/a\xff`, 'latin1'), '#!/bin/sh\necho "$0" | od -c\n', { mode: 0o755 });
    agree(['--regex=.', '--verbose', 'd'], top);
    agree(['--regex=.', '--test', 'd'], top);
  });
});
