import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sentenceOf } from '../../../core/base/text/problem.ts';
import { deeds, type Expression, isState, type Pattern } from '../../../plugins/conditions/model.ts';
import { parseConditions } from '../../../plugins/conditions/parse.ts';
import { printCondition, printExpression } from '../../../plugins/conditions/print.ts';

const problemsOf = (text: string) => parseConditions(text).problems.map(problem => sentenceOf('F', problem));

describe('the language of conditions', () => {
  it('has events with globs, and, or, unless, not, brackets and spans, over several lines', () => {
    const { conditions, problems } = parseConditions(`# the tunnel
on (inet-connected IFACE=wl* and tea) or
   from link.added until link.removed
   unless from office-lan-connected until office-lan-disconnected
do ifup vpn0
do emit vpn-wanted WHY=roaming
on a
do run /bin/true   # nothing more
`);
    assert.deepEqual(problems, []);
    assert.deepEqual(conditions.map(printCondition), [
      'on (inet-connected IFACE=wl* and tea) or (from link.added until link.removed and not from office-lan-connected until office-lan-disconnected)\n' +
        'do ifup vpn0\ndo emit vpn-wanted WHY=roaming\n',
      'on a\ndo run /bin/true\n',
    ]);
    assert.deepEqual(
      conditions.map(({ line }) => line),
      [2, 7],
    );
  });

  it('tells every mistake with its place, and what may have been meant', () => {
    assert.deepEqual(
      problemsOf(`do ifup eth0
on
do ifup
on a b
do ifup
on a adn b
do ifup
on (a or b
do ifup
on a)
do ifup
on from a
do ifup
on not a
do ifup
on a
on a
do ifuq eth0
on a
do run bin/true
on a
do emit link.up
on a
do emit b C
on a
do ifup eth0 eth1
on a
end ifdown eth0
on Link.Up
do ifup
on a IFACE=
dont
on a
do ifup
what
`),
      [
        'F:1:1: do: a condition begins with on (on EVENT … do …)',
        'F:2:1: the name of an event was expected',
        'F:4:6: b was not expected here (put and or or between events)',
        'F:6:6: adn was not expected here (did you mean and?)',
        'F:8:10: a ) is missing',
        'F:10:5: ) was not expected here',
        'F:12:9: until was expected',
        'F:14:8: only what holds for a while can be denied (write from EVENT until EVENT)',
        'F:16:1: nothing follows this condition (do ifup eth0)',
        'F:18:4: ifuq is nothing that can be done (did you mean ifup?)',
        'F:20:8: bin/true is not an absolute path',
        'F:22:9: link.up: the family link is reserved',
        'F:24:11: C is too much (KEY=VALUE)',
        'F:26:14: eth1 is too much',
        'F:28:1: end: this condition has no end, since an event happens and is over (write from EVENT until EVENT)',
        'F:29:4: Link.Up is not the name of an event',
        'F:32:1: dont was not expected here (put and or or between events)',
        'F:35:1: what: do, end or on was expected (the next condition begins with on)',
      ],
    );
  });

  it('stays within bounds: words, brackets, conditions, mistakes', () => {
    assert.match(problemsOf(`on ${'('.repeat(100)}a\ndo ifup\n`)[0]!, /brackets deeper than 32/);
    assert.match(problemsOf(`on ${'not '.repeat(500)}a\ndo ifup\n`)[0]!, /deeper than 32/);
    assert.match(problemsOf(`on ${'a or\n'.repeat(600)}a\ndo ifup\n`)[0]!, /more than 1000 words/);
    assert.equal(problemsOf('x\n'.repeat(10_000)).length, 51);
    assert.match(problemsOf('on a\ndo ifup\n'.repeat(1001))[0]!, /more than 1000 conditions/);
  });

  it('reads what it prints as the same', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?(\.[a-z*?]{1,5})?$/);
    const keywords = new Set(['and', 'or', 'not', 'unless', 'from', 'until', 'on', 'do', 'end']);
    const pattern: fc.Arbitrary<Pattern> = fc.record({
      line: fc.constant(1),
      column: fc.constant(1),
      name: name.filter(text => !keywords.has(text)),
      where: fc.array(
        fc.record({ key: fc.stringMatching(/^[A-Z_]{1,6}$/), glob: fc.stringMatching(/^[a-z*?.=-]{0,6}$/) }),
        { maxLength: 2 },
      ),
    });
    const { expression } = fc.letrec<{ expression: Expression; state: Expression }>(tie => ({
      expression: fc.oneof(
        { maxDepth: 4 },
        pattern.map(event => ({ kind: 'event' as const, event })),
        tie('state'),
        fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          all: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
        }),
      ),
      state: fc.oneof(
        { maxDepth: 3 },
        fc.record({ kind: fc.constant('span' as const), from: pattern, until: pattern }),
        tie('state').map(what => ({ kind: 'not' as const, what })),
        fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          all: fc.array(tie('state'), { minLength: 2, maxLength: 3 }),
        }),
      ),
    }));
    const place = { line: 1, column: 1 };
    fc.assert(
      fc.property(expression, fc.constantFrom(...deeds.slice(0, 2)), (on, deed) => {
        const condition = { ...place, on, actions: [{ ...place, deed, what: 'eth0' }], ending: [] };
        const text = printCondition(condition);
        const { conditions, problems } = parseConditions(text);
        assert.deepEqual(problems, []);
        assert.equal(printCondition(conditions[0]!), text);
        assert.equal(printExpression(conditions[0]!.on), printExpression(on));
        assert.equal(isState(conditions[0]!.on), isState(on));
      }),
    );
  });

  it('answers whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'on',
            'do',
            'a',
            '(',
            ')',
            'and',
            'not',
            'from',
            'until',
            'K=v',
            '\n',
            ' ',
            '\0',
            'é',
          ),
        ),
        words => {
          parseConditions(words.join(' '));
        },
      ),
    );
  });
});
