import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { format } from '../../../../plugins/network-file/language/format.ts';
import { type BlockRule, blockRule, outermost } from '../../../../plugins/network-file/language/grammar.ts';
import { readText } from '../../../../plugins/network-file/language/read.ts';
import {
  type Item,
  quotedText,
  type SyntaxFile,
  valueText,
} from '../../../../plugins/network-file/language/syntax.ts';

function parsed(text: string): SyntaxFile {
  const { problems, sources, syntax } = readText('/n.conf', text);
  assert.deepEqual(
    problems.list.map(({ message }) => message),
    [],
    text,
  );
  return syntax.get(sources[0]!)!;
}

/** Without places and what is only about looks. */
function meaning(items: readonly Item[]): unknown[] {
  return items.map(item =>
    item.kind === 'option'
      ? [item.not !== undefined, item.keyword, ...item.values.map(valueText)]
      : [item.keyword, item.name === undefined ? '' : valueText(item.name), meaning(item.items)],
  );
}

function comments({ items, closing }: SyntaxFile): string[] {
  const of = (item: Item): string[] => [
    ...item.comments.map(({ text }) => text),
    ...(item.kind === 'block'
      ? [
          ...item.opening.map(({ text }) => text),
          ...item.items.flatMap(of),
          ...item.closing.map(({ text }) => text),
        ]
      : []),
    ...item.trailing.map(({ text }) => text),
  ];
  const words = [...items.flatMap(of), ...closing.map(({ text }) => text)].filter(text => text !== '');
  // The lines of one comment may be set otherwise.
  return words.map(text => text.replace(/\s+/g, ' '));
}

describe('the usual form of a network file', () => {
  it('has an option a line, and keeps comments where they stand', () => {
    const text = `#first

network   "a"{ # the network
// above
interface "eth0" {addressv4 10.0.0.2/24}// behind
mtu 1400  /* one */ ; # two

   /* a comment
      of two lines */
   enabled false; # at the end
# last of all
}
rule { from "a" to "a"/www
protocol tcp; accept }
rule {from "a" masquerade}
rule{ to "a" deny }
include"x.conf"
# the end`;
    assert.equal(
      format(parsed(text)),
      `#first

network "a" { # the network
  // above
  interface "eth0" { addressv4 10.0.0.2/24; } // behind
  /* one */
  mtu 1400; # two

  /* a comment
     of two lines */
  enabled false; # at the end
  # last of all
}

rule {
  from "a";
  to "a"/www;
  protocol tcp;
  accept;
}

rule { from "a"; masquerade; }
rule { to "a"; deny; }
include "x.conf";

# the end
`,
    );
  });

  it('is that of the examples', () => {
    const folder = join(import.meta.dirname, '../../../../examples/network');
    for (const name of readdirSync(folder)) {
      const file = parsed(readFileSync(join(folder, name), 'utf8'));
      const text = format(file);
      assert.deepEqual(meaning(parsed(text).items), meaning(file.items), name);
      assert.deepEqual(comments(parsed(text)), comments(file), name);
      assert.equal(format(parsed(text)), text, name);
    }
  });

  it('says the same as the file, with all comments, and is its own usual form', () => {
    const blank = fc.constantFrom(
      ' ',
      '  ',
      '\n',
      '\n\n\n',
      '\t',
      ' # c1\n',
      '\n# c2\n',
      ' /* c3 */ ',
      '\n/* c4\n  c5 */\n',
      ' // c6\n',
      '\n\n# c7\n\n',
    );
    const value = fc.oneof(
      fc.constantFrom('eth0', '10.0.0.0/8', 'everywhere/ftp', '"a"/www', '2001:db8::1/64', '"x"', '1-2,3'),
      fc.stringMatching(/^[ -~]{0,12}$/).map(quotedText),
    );
    const option = (rule: BlockRule) =>
      fc
        .tuple(
          fc.constantFrom(...rule.options.values()),
          fc.boolean(),
          fc.array(value, { minLength: 2, maxLength: 2 }),
          fc.array(blank, { minLength: 5, maxLength: 5 }),
          fc.constantFrom(';', ' ;', '\n'),
        )
        .map(([{ name, shape }, not, values, [a, b, c, d, e], end]) => {
          const given =
            shape === 'value'
              ? values.slice(0, 1)
              : shape === 'pair'
                ? values
                : shape === 'text'
                  ? ['"t"']
                  : shape === 'number'
                    ? ['7']
                    : shape === 'direction'
                      ? ['incoming']
                      : [];
          return `${not ? `not${a}` : ''}${name}${given
            .map(each => `${b}${each}`)
            .join('')
            .replace(/\n/g, ' \n')}${c}${end}${d}${e}`;
        });
    // A value on the next line that is a word of the language would be the next option: names of the test are none.
    const block = (keyword: string, depth: number): fc.Arbitrary<string> => {
      const rule = blockRule(keyword)!;
      const inner =
        depth > 0 && rule.blocks.length > 0
          ? [fc.constantFrom(...rule.blocks).chain(each => block(each, depth - 1))]
          : [];
      return fc
        .tuple(
          blank,
          value,
          blank,
          fc.array(fc.oneof(option(rule), ...inner), { maxLength: 4 }),
          blank,
          fc.constantFrom('', ';'),
        )
        .map(
          ([a, name, b, items, c, end]) =>
            `${keyword}${a}${rule.name === 'none' ? '' : name}${b}{${c}${items.map(item => `${item};\n`).join('')}${c}}${end}`,
        );
    };
    const file = fc.array(
      fc.tuple(
        blank,
        fc.constantFrom(...outermost.blocks).chain(keyword => block(keyword, 1)),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(file, blank, (parts, last) => {
        const text = `${parts.map(([a, b]) => a + b).join('\n')}${last}`;
        const original = parsed(text);
        const formatted = format(original);
        const again = parsed(formatted);
        assert.deepEqual(meaning(again.items), meaning(original.items));
        assert.deepEqual(comments(again).toSorted(), comments(original).toSorted());
        assert.equal(format(again), formatted);
      }),
      { numRuns: 500 },
    );
  });
});
