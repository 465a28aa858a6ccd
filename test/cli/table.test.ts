import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bash } from '../../cli/completion/bash.ts';
import { eventNames } from '../../cli/completion/event-names.ts';
import { fish } from '../../cli/completion/fish.ts';
import { nodesOf } from '../../cli/completion/nodes.ts';
import { zsh } from '../../cli/completion/zsh.ts';
import { manual } from '../../cli/manual.ts';
import { netconf, programs } from '../../cli/table.ts';
import type { Command } from '../../core/base/program.ts';
import { cataloguedEvents } from '../catalogue.ts';
import { needs } from '../setup.ts';
import { BuiltProgram, outcomeOf } from './program.ts';

const root = join(import.meta.dirname, '../..');

/** Every long option and every command name below a command, in words. */
function namesBelow(command: Command): string[] {
  return [
    ...(command.options ?? []).map(option => `--${option.name}`),
    ...(command.commands ?? []).flatMap(below => [below.name, ...namesBelow(below)]),
  ];
}

describe('the table of command lines', function () {
  this.timeout(60_000);

  describe('--help', () => {
    let program: BuiltProgram;
    before(() => {
      program = new BuiltProgram();
    });
    after(() => program?.remove());

    it('names every command, option and argument of netconf at its place', async () => {
      for (const node of nodesOf(netconf)) {
        // Its arguments, --help included, are its own parser's.
        if (node.path === 'run-parts') continue;
        const { stdout, status } = await program.run([...node.path.split(' ').filter(Boolean), '--help']);
        assert.equal(status, 0, node.path);
        for (const option of node.options)
          assert.ok(stdout.includes(`--${option.name}`), `${node.path} ${option.name}`);
        for (const { name } of [...node.commands, ...node.arguments])
          assert.ok(stdout.includes(name), `${node.path} ${name}`);
        const listed = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(match => match[1]);
        assert.deepEqual(
          [...new Set(listed)].sort(),
          [
            ...new Set(node.options.map(({ name }) => `--${name}`)),
            ...(node.path === '' ? [] : ['--version']),
          ].sort(),
          node.path,
        );
      }
    });

    it('of run-parts, which is its own, names the options of the table', async () => {
      // run-parts prints it on standard error.
      const { stderr } = await program.run(['run-parts', '--help']);
      const shown = [...stderr.matchAll(/^ {2}.{4}--([a-z-]+)/gm)].map(match => match[1]);
      const known = netconf.commands?.find(({ name }) => name === 'run-parts')?.options ?? [];
      assert.deepEqual(shown.sort(), [...known.map(({ name }) => name), 'version', 'help'].sort());
    });

    it('comes from the same table for every program', () => {
      for (const { name } of programs) {
        const code = `
          import { parseCommandLine } from './core/base/command-line.ts';
          import { programs } from './cli/table.ts';
          await parseCommandLine(programs.find(({ name }) => name === '${name}'), ['--help'], '1.2.3');`;
        const { stdout } = spawnSync(
          process.execPath,
          ['--import', 'tsx', '--input-type=module', '-e', code],
          {
            cwd: root,
            encoding: 'utf8',
          },
        );
        for (const { name: option } of programs.find(one => one.name === name)?.options ?? []) {
          assert.ok(stdout.includes(`--${option}`), `${name} --${option}`);
        }
        assert.match(stdout, /Exit status:\n {2}0 /);
      }
    });
  });

  describe('the manual pages', () => {
    it('name every command, option, exit status, file and variable', () => {
      for (const program of programs) {
        const page = manual(program, '1.2.3', '2025-01-02').replaceAll('\\-', '-');
        for (const name of namesBelow(program)) assert.ok(page.includes(name), `${program.name}: ${name}`);
        for (const { name } of [...program.exit, ...program.environment, ...program.files]) {
          assert.ok(page.includes(name), `${program.name}: ${name}`);
        }
        assert.match(page, /^\.TH \w+ 8 2025-01-02 "netconf 1\.2\.3"/);
        assert.doesNotMatch(page, /\?\.$/m, 'a question and a full stop');
      }
    });

    it('are roff that groff has nothing to say against', function () {
      needs(this, { programs: ['groff'] });
      for (const program of programs) {
        const page = manual(program, '1.2.3', '2025-01-02');
        const { status, stderr } = spawnSync('groff', ['-ww', '-man', '-Tutf8', '-z'], {
          input: page,
          encoding: 'utf8',
        });
        assert.deepEqual([status, stderr], [0, ''], program.name);
      }
    });

    it('are written by the script, with the date of SOURCE_DATE_EPOCH', () => {
      const directory = mkdtempSync(join(tmpdir(), 'netconf-man-'));
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--import', 'tsx', 'scripts/generate.ts', directory],
        { cwd: root, encoding: 'utf8', env: { ...process.env, SOURCE_DATE_EPOCH: '0' } },
      );
      assert.equal(status, 0, stderr);
      for (const { name } of programs) {
        assert.match(readFileSync(join(directory, `man/${name}.8`), 'utf8'), /^\.TH \w+ 8 1970-01-01 /);
      }
      rmSync(directory, { recursive: true });
    });
  });

  describe('completion', () => {
    let directory: string;
    let file: string;
    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'netconf-completion-'));
      file = join(directory, 'netconf.bash');
      writeFileSync(file, bash(programs));
      mkdirSync(join(directory, 'empty'));
    });
    after(() => rmSync(directory, { recursive: true }));

    /** What bash itself offers for the last word. */
    async function completed(...words: string[]): Promise<string[]> {
      const list = words.map(word => `'${word}'`).join(' ');
      const line = `. '${file}'; COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _${words[0]}; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const child = spawn('bash', ['--norc', '-uc', line], { cwd: directory });
      const { stdout, stderr } = await outcomeOf(child);
      assert.equal(stderr, '');
      return stdout.split('\n').filter(Boolean);
    }

    it('offers commands, those of a group, and options at their place, in bash', async () => {
      assert.deepEqual(
        await completed('netconf', ''),
        netconf.commands?.map(({ name }) => name),
      );
      assert.deepEqual(await completed('netconf', 'mon'), ['monitor']);
      assert.deepEqual(await completed('netconf', '--socket', 'status', 'plugin', ''), ['load', 'unload']);
      assert.deepEqual(await completed('netconf', 'hook', 'test', '--h'), ['--hooks', '--help']);
      assert.deepEqual(await completed('netconf', 'emit', 'status', '--w'), ['--wait']);
      assert.deepEqual(await completed('netconfd', '--rec'), ['--receive-buffer']);
    });

    it('offers events, interfaces, directories and shells where they belong, in bash', async () => {
      assert.deepEqual(await completed('netconf', 'monitor', 'link.ca'), ['link.carrier']);
      assert.ok((await completed('netconf', 'monitor', '--interface', '')).includes('lo'));
      assert.deepEqual(await completed('netconf', 'check', '--hooks', 'em'), ['empty']);
      assert.deepEqual(await completed('netconf', 'completion', 'z'), ['zsh']);
      assert.deepEqual(await completed('netconf', 'plugin', 'load', 'x'), []);
    });

    it('offers the same in fish', async function () {
      needs(this, { programs: ['fish'] });
      const script = join(directory, 'netconf.fish');
      writeFileSync(script, fish(programs));
      const offered = async (line: string) => {
        const command = `source '${script}'; complete -C '${line}'`;
        const { stdout } = await outcomeOf(spawn('fish', ['--no-config', '-c', command], { cwd: directory }));
        return stdout.split('\n').flatMap(one => one.split('\t')[0] || []);
      };
      assert.deepEqual(await offered('netconf mon'), ['monitor']);
      assert.deepEqual(await offered('netconf --socket status plugin '), ['load', 'unload']);
      assert.deepEqual(await offered('netconf monitor link.ca'), ['link.carrier']);
      assert.deepEqual(await offered('netconf monitor --interface l'), ['lo']);
      assert.deepEqual(await offered('netconfd --rec'), ['--receive-buffer']);
    });

    it('is a script that each shell reads, naming every command and option', function () {
      needs(this, { programs: ['bash', 'fish', 'zsh'] });
      for (const [shell, script] of Object.entries({
        bash: bash(programs),
        zsh: zsh(programs),
        fish: fish(programs),
      })) {
        for (const name of programs.flatMap(namesBelow)) {
          const word = shell === 'fish' ? name.replace(/^--/, '') : name;
          assert.ok(script.includes(word), `${shell}: ${name}`);
        }
        const path = join(directory, `read.${shell}`);
        writeFileSync(path, script);
        const { status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' });
        assert.deepEqual([status, stderr], [0, ''], shell);
      }
    });

    it('knows every event of the catalogue, those of plugins too', () => {
      assert.deepEqual([...eventNames].sort(), cataloguedEvents().sort());
    });
  });
});
