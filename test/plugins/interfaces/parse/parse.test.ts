import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Interfaces, noticeText } from '../../../../plugins/interfaces/parse/model.ts';
import { type ParseOptions, parseInterfaces } from '../../../../plugins/interfaces/parse/parse.ts';
import { printInterfaces } from '../../../../plugins/interfaces/parse/print.ts';
import { memoryFiles } from '../memory-files.ts';

function parse(content: string, more: Record<string, string> = {}, options: ParseOptions = {}) {
  const files = memoryFiles({ '/etc/network/interfaces': content, ...more });
  const parsed = parseInterfaces('/etc/network/interfaces', { files, ...options });
  const said = parsed.notices.filter(({ level }) => level === 'warning' || level === 'error');
  return { ...parsed, said: said.map(noticeText) };
}

/** Without places. */
function meaning({ classes, stanzas, mappings, ...rest }: Interfaces) {
  return {
    ...rest,
    classes: [...classes],
    stanzas: stanzas.map(({ place: _, options, ...stanza }) => ({
      ...stanza,
      options: [...options].map(({ name, value }) => [name, value]),
    })),
    mappings: mappings.map(({ place: _, ...mapping }) => mapping),
  };
}

const word = fc.string({
  unit: fc.constantFrom('a', 'eth', '0', '-', '_', '#', '\\', 'é', '.', '?', '/'),
  minLength: 1,
  maxLength: 6,
});
const words = fc.array(word, { minLength: 1, maxLength: 3 }).map(all => all.join(' '));
const iface = fc
  .tuple(word, fc.constantFrom('inet static', 'inet manual', 'inet6 auto', 'inet6 loopback', 'can static'))
  .map(([name, kind]) => `iface ${name} ${kind}`);
const lines = fc.oneof(
  iface,
  iface,
  fc
    .tuple(fc.constantFrom('up', 'post-up', 'down', 'pre-up', 'address', 'mtu'), words)
    .map(all => all.join(' ')),
  fc.tuple(word, words).map(all => all.join(' ')),
  fc
    .tuple(fc.constantFrom('auto', 'allow-hotplug', 'no-scripts', 'no-auto-down', 'rename'), words)
    .map(all => all.join(' ')),
  fc.tuple(fc.constantFrom('mapping', 'script', 'map'), words).map(all => all.join(' ')),
  fc.constantFrom('auto', '# a comment', '', '\\', '   ', 'no-scripts'),
);

describe('interfaces(5)', () => {
  it('means the same when it has been parsed and printed', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 30 }), all => {
        const { interfaces, complete } = parse(all.join('\n'));
        fc.pre(complete);
        const printed = printInterfaces(interfaces);
        const again = parse(printed);
        assert.deepEqual(again.said, [], printed);
        assert.deepEqual(meaning(again.interfaces), meaning(interfaces), printed);
        assert.equal(printInterfaces(again.interfaces), printed);
      }),
      { numRuns: 3000 },
    );
  });

  it('survives any bytes, and says where each mistake is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), content => {
        const { complete, said } = parse(content);
        if (!complete) assert.match(said.at(-1) ?? '', /^\/etc\/network\/interfaces:\d+: /);
      }),
      { numRuns: 1000 },
    );
  });

  it('knows the place of each stanza, option and mapping', () => {
    const { interfaces } = parse(
      'source below\nmapping x\n script y\niface a inet manual\n\n up true \\\n  false',
      {
        '/etc/network/below': '\niface b inet static\n address 192.0.2.1\n',
      },
    );
    const [b, a] = interfaces.stanzas.filter(({ name }) => name !== 'lo');
    assert.deepEqual(b?.place, { file: '/etc/network/below', line: 2 });
    assert.deepEqual(b?.options.get('address')?.place, { file: '/etc/network/below', line: 3 });
    assert.deepEqual(a?.place, { file: '/etc/network/interfaces', line: 4 });
    assert.deepEqual(a?.options.get('up')?.place, { file: '/etc/network/interfaces', line: 7 });
    assert.deepEqual(interfaces.mappings[0]?.place, { file: '/etc/network/interfaces', line: 2 });
  });

  it('keeps the good part of a file that is included, and names the bad line', () => {
    const { interfaces, complete, said } = parse('source a b\nauto last\n', {
      '/etc/network/a': 'auto one\niface two\nauto three\n',
    });
    assert.equal(complete, true);
    assert.deepEqual(said, [
      '/etc/network/a:2: unknown or no address type and no inherits keyword specified',
    ]);
    assert.deepEqual(interfaces.classes.get('auto'), ['lo', 'one', 'last']);
  });

  it('goes on past a file that may not be read, or cannot be, and names it', () => {
    const fails = (code: string) => () => {
      throw Object.assign(new Error(`${code}: x`), { code, syscall: code === 'EIO' ? 'read' : 'open' });
    };
    for (const [code, level, words] of [
      ['EACCES', 'warning', 'couldn\'t open interfaces file "/b": Permission denied'],
      ['EIO', 'error', '/b: Input/output error'],
      ['ELOOP', 'warning', 'couldn\'t open interfaces file "/b": Too many levels of symbolic links'],
    ] as const) {
      const files = memoryFiles({ '/a': 'auto x\nsource /b\nauto y\n', '/b': '' });
      const read = (path: string) => (path === '/b' ? fails(code)() : files.read(path));
      const { interfaces, notices, complete } = parseInterfaces('/a', { files: { ...files, read } });
      assert.equal(complete, true);
      assert.deepEqual(interfaces.classes.get('auto'), ['lo', 'x', 'y']);
      const told = notices.filter(notice => notice.level !== 'trace');
      assert.deepEqual(
        told.map(({ level, message }) => [level, message]),
        [[level, words]],
      );
    }
  });

  it('ends where a file includes itself under ever new names', () => {
    const { complete, said } = parse(
      'source ../network/interfaces\nauto a\n',
      {
        '/etc/network/x': '',
      },
      { files: looping('source ../network/interfaces\nauto a\n') },
    );
    assert.equal(complete, true);
    assert.match(said[0] ?? '', /interfaces:1: .* includes itself$/);
  });

  it('ends where files include more and more files', () => {
    let count = 0;
    const files = {
      ...memoryFiles({}),
      read: () => ({ content: `source ${++count}x\nsource ${count}y`, identity: `${count}` }),
      kind: () => 'other' as const,
    };
    const { notices } = parseInterfaces('/interfaces', { files });
    assert.ok(notices.some(({ message }) => message.includes('too many files')));
    assert.ok(count <= 10_001, `${count}`);
  });

  it('takes lines of a megabyte, and as many continued ones', () => {
    const long = 'x'.repeat(1_000_000);
    const { interfaces } = parse(`iface a inet manual\n up ${long}\n down ${'\\\n'.repeat(200_000)}true\n`);
    assert.equal(interfaces.stanzas[1]?.options.get('up')?.value, long);
    assert.equal(interfaces.stanzas[1]?.options.get('down')?.value, 'true');
    const blank = parse(`iface a inet manual\n up${' '.repeat(1_000_000)}x${' '.repeat(1_000_000)}y\n`);
    assert.equal(blank.interfaces.stanzas[1]?.options.get('up')?.value.length, 1_000_002);
  });

  it('takes ten thousand stanzas, of one name and of many, that inherit from each other', () => {
    const many = Array.from(
      { length: 10_000 },
      (_, i) => `auto e${i}\niface e${i} inet static\n address 10.0.0.1\n`,
    );
    assert.equal(parse(many.join('')).interfaces.stanzas.length, 10_001);
    const same = `iface base inet static\n mtu 1\n${'iface base inherits base\n'.repeat(10_000)}`;
    assert.equal(parse(same).interfaces.stanzas.length, 10_002);
    const options = `iface a inet manual\n${Array.from({ length: 50_000 }, (_, i) => ` o${i} x\n`).join('')}`;
    assert.equal(parse(options).interfaces.stanzas[1]?.options.size, 50_000);
  });

  it('has nothing to do for a file that is not there, but says so', () => {
    const { interfaces, notices, complete } = parseInterfaces('/nowhere', { files: memoryFiles({}) });
    assert.equal(complete, true);
    assert.deepEqual(notices.map(noticeText), [
      'couldn\'t open interfaces file "/nowhere": No such file or directory',
    ]);
    assert.deepEqual(
      interfaces.stanzas.map(({ name }) => name),
      ['lo'],
    );
  });

  it('tells those who check a file more than those who use it', () => {
    const { notices } = parse('source $(rm -rf /)\nsource interfaces\n');
    assert.deepEqual(notices.filter(({ level }) => level === 'hint').map(noticeText), [
      '/etc/network/interfaces:1: names no file, since the shell could not expand it: $(rm -rf /)',
      '/etc/network/interfaces:2: /etc/network/interfaces has been read already',
    ]);
  });
});

/** However the path is written, it is the same file. */
function looping(content: string) {
  return {
    read: () => ({ content, identity: 'one' }),
    list: () => [],
    kind: () => 'other' as const,
  };
}
