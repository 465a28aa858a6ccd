import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from '../../../cli/ifupdown/command.ts';
import { main } from '../../../cli/ifupdown/main.ts';
import { Say } from '../../../cli/ifupdown/say.ts';
import { unpacked } from '../../debian-package.ts';
import { Folder } from '../../folder.ts';
import { type Sample, samples } from './corpus.ts';

/** What is run on each sample, one after the other, over one state directory. */
const calls: readonly (readonly [Command, ...string[]])[] = [
  ['ifup', '-n', '-v'],
  ['ifup', '-n'],
  ['ifup', '-v', '--no-act-commands'],
  ['ifup', '-n', '-v'],
  ['ifup', '-v', '--no-act-commands', '--force', '--ignore-errors'],
  ['ifdown', '-n', '-v'],
  ['ifquery', '-v'],
  ['ifdown', '-v', '--no-act-commands'],
  ['ifdown', '-n'],
  ['ifdown', '-n', '-v', '--force'],
  ['ifup', '--no-act-commands', '--no-scripts', '--no-loopback'],
  ['ifquery', '-l'],
  ['ifquery', '--no-mappings', '-v'],
];

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
  state: Record<string, string>;
}

describe('ifup, ifdown and ifquery beside those of Debian', () => {
  let debian: string;

  before(function () {
    this.timeout(150_000);
    debian = unpacked(this, 'ifupdown');
  });

  for (const sample of samples()) {
    it(`say the same of ${sample.title}`, async () => {
      using folder = new Folder();
      write(folder, sample);
      const lines = calls.map(([command, ...options]) => ({
        command,
        words: [...options, '--state-dir=state', '-i', 'interfaces', ...sample.words],
      }));
      mkdirSync(join(folder.path, 'state'));
      const expected = lines.map(({ command, words }) => askDebian(debian, command, words, folder.path));
      rmSync(join(folder.path, 'state'), { recursive: true });
      mkdirSync(join(folder.path, 'state'));
      for (const [index, { command, words }] of lines.entries()) {
        const found = await ask(command, words, folder.path);
        assert.deepEqual(found, expected[index], [command, ...words].join(' '));
      }
    });
  }
});

/** `@` is the folder; what begins as a script is one. */
function write(folder: Folder, { files }: Sample): void {
  for (const [name, content] of Object.entries(files)) {
    const path = folder.write(name, '');
    writeFileSync(path, content.replaceAll('@/', `${folder.path}/`), 'latin1');
    if (content.startsWith('#!')) chmodSync(path, 0o755);
  }
}

function askDebian(debian: string, command: Command, line: string[], cwd: string): Outcome {
  const { status, stdout, stderr } = spawnSync(join(debian, 'sbin', command), line, {
    cwd,
    encoding: 'latin1',
    timeout: 20_000,
  });
  return { status, stdout, stderr: stderr.replaceAll(`${debian}/sbin/`, ''), state: stateIn(cwd) };
}

async function ask(command: Command, line: string[], folder: string): Promise<Outcome> {
  const said = { 1: '', 2: '' };
  const say = new Say(basename(command), (fd, text) => {
    said[fd] += text;
  });
  const before = process.cwd();
  process.chdir(folder);
  try {
    const status = await main(command, line, { say });
    return { status, stdout: said[1], stderr: said[2], state: stateIn(folder) };
  } finally {
    process.chdir(before);
  }
}

function stateIn(folder: string): Record<string, string> {
  const directory = join(folder, 'state');
  const names = readdirSync(directory).sort();
  return Object.fromEntries(names.map(name => [name, readFileSync(join(directory, name), 'latin1')]));
}
