import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { readConfiguration } from '../../../../plugins/network-file/configuration.ts';
import { filesOnDisk } from '../../../../plugins/network-file/language/files.ts';
import { sentenceOf } from '../../../../plugins/network-file/language/problem.ts';
import { Folder } from '../../../folder.ts';
import { read } from './read.ts';

describe('a network file that nobody has written', () => {
  it('of 100,000 networks has one error that says how many there may be', () => {
    const text = Array.from({ length: 100_000 }, (_, at) => `network "n${at}" { network 10.0.0.0/8 }\n`).join(
      '',
    );
    const { found } = read(text);
    assert.ok(found.length <= 2, found.slice(0, 5).join('\n'));
    assert.match(found[0]!, /error: more than 10000 networks: the rest is not read/);
  });

  it('of lines of a mebibyte, words and texts without end has an error for each', () => {
    const { found } = read(`# ${'x'.repeat(1_048_576)}\nnetwork "a" { network 10.0.0.0/8 }`);
    assert.deepEqual(found, ['1:1 error: a line of 1048578 characters: more than 4096 are no text']);
    assert.deepEqual(
      read(`network ${'a'.repeat(300)} { network 10.0.0.0/8 }`).found[0],
      '1:9 error: a word of more than 255 characters',
    );
  });

  it('of a million braces, or blocks in each other, ends soon and tells a hundred mistakes at most', () => {
    for (const text of [
      '{\n'.repeat(500_000),
      'network "a" {\n'.repeat(100_000),
      '}\n'.repeat(500_000),
      'rule {\n'.repeat(100_000),
    ]) {
      const { found } = read(text);
      assert.ok(found.length > 0 && found.length <= 101, `${found.length}: ${text.slice(0, 20)}`);
    }
  });

  it('of files that include each other a thousandfold is read up to a bound', () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [
        `/f${at}.conf`,
        Array.from({ length: 10 }, () => `include "f${at + 1}.conf"\n`).join(''),
      ]),
    );
    const { found } = read({ ...files, '/n.conf': 'include "f0.conf"', '/f12.conf': '' });
    assert.ok(
      found.some(line => line.includes('more than 256 files')),
      found.slice(0, 3).join('\n'),
    );
  });

  it('that is no text, no file, a device or too large says so', () => {
    using folder = new Folder({ latin: 'network "\xfc" {}', 'null.conf': 'a\0b' });
    writeFileSync(`${folder.path}/bytes`, Buffer.from([0x61, 0x0a, 0xff, 0xfe]));
    writeFileSync(`${folder.path}/large`, Buffer.alloc(9 * 1024 * 1024, 0x20));
    symlinkSync('/dev/zero', `${folder.path}/device`);
    symlinkSync('nowhere', `${folder.path}/dangling`);
    execFileSync('mkfifo', [`${folder.path}/pipe`]);
    const found = (name: string) =>
      readConfiguration(
        `${folder.path}/${name}`,
        filesOnDisk(path => ({ path })),
      )
        .problems.map(sentenceOf)
        .join('\n')
        .replaceAll(`${folder.path}/`, '');
    assert.equal(found('null.conf'), 'null.conf: line 1, column 2: a zero byte: this is no text');
    assert.equal(found('bytes'), 'bytes: line 2, column 1: not UTF-8: this byte belongs to no character');
    assert.match(found('large'), /^large: larger than 8388608 bytes/);
    assert.equal(found('device'), 'device: not a regular file');
    assert.equal(found('pipe'), 'pipe: not a regular file');
    assert.match(found('dangling'), /^dangling: it does not exist, or its link leads nowhere/);
    assert.match(found('.'), /a directory, where a file was expected/);
  });

  it('of any characters at all ends in problems, not in an exception', () => {
    const words = fc.constantFrom(
      'network',
      'interface',
      'rule',
      'route',
      'bridge',
      'from',
      'to',
      'not',
      '{',
      '}',
      ';',
      '/',
      '"a"',
      '"',
      'eth0',
      '10.0.0.1',
      '10.0.0.0/8',
      'addressv4',
      'mtu',
      '#x\n',
      '/*',
      '*/',
      '\n',
      'include',
      'default',
      'protocol',
      'tcp',
      'accept',
      '\\',
      '\u0001',
      'é',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 5, arbitrary: words }, fc.string({ maxLength: 5 })), { maxLength: 60 }),
        parts => {
          const { problems } = read(parts.join(' '));
          for (const problem of problems) assert.ok(sentenceOf(problem).length > 0);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
