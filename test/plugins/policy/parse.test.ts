import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sentenceOf } from '../../../core/base/text/problem.ts';
import { problemsOf, unknownSteps } from '../../../plugins/policy/consistency.ts';
import { parsePolicy } from '../../../plugins/policy/parse.ts';
import type { Policy } from '../../../plugins/policy/policy.ts';
import { printPolicy } from '../../../plugins/policy/print.ts';

/** All sentences that are said of a text, places and hints included. */
function mistakes(text: string, name = 'default'): string[] {
  const { policy, problems } = parsePolicy(text);
  return [...problems, ...problemsOf(policy, name)].map(problem => sentenceOf('F', problem));
}

/** A policy without its positions. */
function bare({ requests, steps, events }: Policy) {
  const texts = (map: ReadonlyMap<string, { text: string }>) =>
    Object.fromEntries([...map].map(([key, { text }]) => [key, text]).toSorted());
  return {
    requests: Object.fromEntries(
      [...requests].map(([name, { allow, prerequisites, start }]) => [
        name,
        [allow.map(({ text }) => text), prerequisites.map(({ text }) => text), start?.text],
      ]),
    ),
    steps: Object.fromEntries(
      [...steps].map(([name, { parameters, next, retry }]) => [
        name,
        [texts(parameters), texts(next), retry?.times, retry?.seconds],
      ]),
    ),
    events: Object.fromEntries(
      [...events].map(([name, { actions }]) => [name, actions.map(({ deed, event }) => [deed, event])]),
    ),
  };
}

const first = `[IFUP]
allow @group1 user2
startat ENI
[cfg ENI]
file /etc/network/interfaces
NOTFOUND DHCP
[cfg DHCP]
dhcp-client-param1 foobar
FAIL,TIMEOUT LinkLocal
#[cfg LinkLocal]
#nothing here
`;

describe('the parser of policies', () => {
  it('reads users, first step, parameters and outcomes with their places', () => {
    const { policy, problems } = parsePolicy(first);
    assert.deepEqual(problems, []);
    assert.deepEqual(bare(policy), {
      requests: { IFUP: [['@group1', 'user2'], [], 'ENI'] },
      steps: {
        ENI: [{ file: '/etc/network/interfaces' }, { NOTFOUND: 'DHCP' }, undefined, undefined],
        DHCP: [
          { 'dhcp-client-param1': 'foobar' },
          { FAIL: 'LinkLocal', TIMEOUT: 'LinkLocal' },
          undefined,
          undefined,
        ],
      },
      events: {},
    });
    assert.deepEqual(policy.requests.get('IFUP')?.allow[1], { text: 'user2', line: 2, column: 15 });
  });

  it('reads prerequisites, retries, events and comments', () => {
    const text = `# for the office
[IFUP]   # who
\tprereq ifup eth0 wlan0
prereq ifup dummy0
startat OpenVPN
[ cfg OpenVPN ]
config /etc/openvpn/my work#1.cfg   # a blank and a number sign in it
retry 3 10
BIND ENI
[link.carrier]
do ifup
do emit home-lan
[link.no-carrier]\r
do ifdown\r
do poweroff
[interface.failed]
do publish
`;
    const { policy, problems } = parsePolicy(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(bare(policy), {
      requests: { IFUP: [[], ['eth0', 'wlan0', 'dummy0'], 'OpenVPN'] },
      steps: { OpenVPN: [{ config: '/etc/openvpn/my work#1.cfg' }, { BIND: 'ENI' }, 3, 10] },
      events: {
        'link.carrier': [
          ['ifup', undefined],
          ['emit', 'home-lan'],
        ],
        'link.no-carrier': [
          ['ifdown', undefined],
          ['poweroff', undefined],
        ],
        'interface.failed': [['publish', undefined]],
      },
    });
  });

  const wrong: [title: string, text: string, ...sentences: string[]][] = [
    [
      'a keyword before all sections',
      'allow x',
      'F:1:1: allow: a keyword before the first section (begin with [IFUP])',
    ],
    [
      'an unknown keyword, with what was meant',
      '[IFUP]\n  alow x',
      'F:2:3: unknown keyword in [IFUP]: alow (did you mean allow?)',
    ],
    [
      'a keyword of another section',
      '[IFDOWN]\nstartat ENI',
      'F:2:1: unknown keyword in [IFDOWN]: startat (it belongs into [IFUP])',
    ],
    ['a missing value', '[IFUP]\nallow # nobody', 'F:2:1: allow: its value is missing (allow @netdev alice)'],
    ['a parameter without a value', '[cfg DHCP]\nmetric', 'F:2:1: metric: its value is missing'],
    ['an outcome that leads nowhere', '[cfg DHCP]\nFAIL', 'F:2:1: FAIL: its value is missing'],
    [
      'a section that comes twice',
      '[IFUP]\n[cfg DHCP]\n[IFUP]\nallow a:b',
      'F:3:1: the section [IFUP] stands already on line 1',
      'F:4:7: "a:b" is not a user or @group',
    ],
    [
      'what is said twice in a section',
      '[IFUP]\nallow a b\nallow b\nstartat ENI\nstartat DHCP\n[cfg DHCP]\ntimeout 1\ntimeout 2\nFAIL ENI\nFAIL Static\nretry 1 1\nretry 2 2\n[link.up]\ndo ifup\ndo ifup',
      'F:3:7: b stands already on line 2',
      'F:5:1: startat stands already on line 4',
      'F:8:1: timeout stands already on line 7',
      'F:10:1: FAIL goes to ENI already, by line 9',
      'F:12:1: retry stands already on line 11',
      'F:15:1: the same stands already on line 14',
    ],
    [
      'sections that there are not',
      '[IFUPP]\n[cgf DHCP]\n[ifup]\n[cfg]\n[cfg dhcp]\n[IFUP\n[LINK.UP]\n[]',
      'F:1:1: there is no section [IFUPP] (did you mean IFUP?)',
      'F:2:1: there is no section [cgf DHCP] (did you mean cfg?)',
      'F:3:1: there is no section [ifup] (did you mean IFUP?)',
      'F:4:1: a section [cfg STEP] names one step (write [cfg DHCP])',
      'F:5:1: "dhcp" is not the name of a step (steps begin with a capital letter)',
      'F:6:1: the section has no ] at its end',
      'F:7:1: there is no section [LINK.UP] (events are written in lower case: [link.up])',
      'F:8:1: there is no section [] (there are [IFUP], [IFDOWN], [EMIT], [MANAGE], [cfg STEP] and events such as [link.carrier])',
    ],
    [
      'users and groups in the manner of other files',
      '[IFUP]\nallow alice,bob %wheel * 4294967295',
      'F:2:7: "alice,bob": put blanks between users, not commas',
      'F:2:17: "%wheel" is not a user or @group (a group is written @wheel)',
      'F:2:24: "*" is not a user or @group',
      'F:2:26: "4294967295": no such number',
    ],
    [
      'prerequisites that are none',
      '[IFUP]\nprereq eth0\nprereq ifup\nprereq ifup a/b',
      'F:2:8: prereq: eth0 is no operation that can be one (prereq ifup eth0)',
      'F:3:8: prereq ifup: which interface? (prereq ifup eth0)',
      'F:4:13: "a/b" is not an interface name',
    ],
    [
      'outcomes with blanks, and in lower case',
      '[cfg DHCP]\nFAIL, TIMEOUT LinkLocal\nFAIL TIMEOUT LinkLocal\nfail LinkLocal\nOK linklocal',
      'F:2:1: "FAIL," is neither a parameter nor a list of outcomes (outcomes are written FAIL,TIMEOUT with no blank and nothing empty between)',
      'F:3:14: one step comes next (outcomes have commas between and no blanks: FAIL,TIMEOUT)',
      'F:4:1: fail is no parameter (did you mean FAIL?)',
      'F:5:4: "linklocal" is not the name of a step (steps begin with a capital letter)',
    ],
    [
      'retries that cannot be counted',
      '[cfg DHCP]\nretry 3\n[cfg Static]\nretry 0 -1',
      'F:2:1: retry TIMES SECONDS: numbers from 1 to 1000 and to 86400 (retry 3 10)',
      'F:4:1: retry TIMES SECONDS: numbers from 1 to 1000 and to 86400 (retry 3 10)',
    ],
    [
      'things that cannot be done',
      '[link.up]\ndo\ndo ifupp\nifup\ndo emit\ndo emit link.up\ndo ifup eth0\ndo emit a b',
      'F:1:1: [link.up] does nothing (a line such as: do ifup)',
      'F:2:1: do what? (one of ifup, ifdown, publish, poweroff, emit NAME)',
      'F:3:4: ifupp is nothing that can be done (did you mean ifup?)',
      'F:4:1: unknown keyword in the section of an event: ifup (write: do ifup)',
      'F:5:4: do emit: which event? (do emit home-lan-connected)',
      'F:6:9: link.up: the family link is reserved',
      'F:7:9: do ifup is about the interface of the event: no name follows',
      'F:8:11: do emit names one event',
    ],
    [
      'a line that goes on',
      '[IFUP]\nallow a \\\nb',
      'F:2:9: a line cannot be continued on the next one',
      'F:3:1: unknown keyword in [IFUP]: b',
    ],
    [
      'a control character',
      '[IFUP]\nallow a\x1b[1m',
      'F:2:8: a control character (U+001B) in a line of text',
    ],
    [
      'steps in a circle, printed',
      '[IFUP]\nstartat DHCP\n[cfg DHCP]\nFAIL LinkLocal\n[cfg LinkLocal]\nOK PPP\nFAIL DHCP\n[cfg Static]',
      'F:7:6: steps in a circle: DHCP → LinkLocal → DHCP',
      'F:8:1: nothing leads to [cfg Static] (startat, or an outcome of a step that is reached, names it)',
    ],
    [
      'a step that comes to itself',
      '[cfg DHCP]\nTIMEOUT DHCP',
      'F:2:9: steps in a circle: DHCP → DHCP (to try a step again: retry TIMES SECONDS)',
    ],
    ['events in a circle', '[a]\ndo emit b\n[b]\ndo emit a', 'F:4:1: events in a circle: a → b → a'],
  ];
  for (const [title, text, ...sentences] of wrong) {
    it(`names ${title}`, () => assert.deepEqual(mistakes(text), wanted(text, sentences)));
  }
  // What is found between the lines comes after what is found in them.
  const wanted = (text: string, sentences: string[]) => {
    const said = mistakes(text);
    return said.length === sentences.length && sentences.every(one => said.includes(one)) ? said : sentences;
  };

  it('tells that an interface waits for itself, and that the daemon is no interface', () => {
    assert.deepEqual(mistakes('[IFUP]\nprereq ifup eth0\n[MANAGE]\nallow a', 'eth0'), [
      'F:2:13: prerequisites in a circle: eth0 → eth0',
      'F:3:1: nothing leads to [MANAGE] (it is about no interface: it belongs into default)',
    ]);
  });

  it('leaves sections alone that the stanza of a source may lead to', () => {
    assert.deepEqual(mistakes('[cfg Static]\nFAIL LinkLocal'), []);
    assert.deepEqual(mistakes('[IFUP]\nstartat Wicked\n[cfg Static]'), []);
    assert.equal(mistakes('[IFUP]\nstartat Static\n[cfg PowerOff]').length, 1);
    assert.deepEqual(mistakes('[IFUP]\nstartat Static\n[cfg PowerOff]\n[link.down]\ndo poweroff'), []);
  });

  it('names steps that nobody does: an error where all plugins are known, else a warning', () => {
    const { policy } = parsePolicy('[IFUP]\nstartat DCHP\n[cfg DCHP]\nFAIL LinkLocal');
    const known = new Set(['DHCP', 'LinkLocal']);
    assert.deepEqual(
      unknownSteps(policy, known, true).map(problem => [problem.severity, sentenceOf('F', problem)]),
      [['error', 'F:2:9: no plugin does the step DCHP (did you mean DHCP?)']],
    );
    assert.deepEqual(
      new Set(unknownSteps(policy, known, false).map(({ severity }) => severity)),
      new Set(['warning']),
    );
  });

  it('reads a million characters on one line, or of one kind, without losing time or breath', function () {
    this.timeout(30_000);
    assert.deepEqual(mistakes(`[IFUP]\n${'a'.repeat(1 << 20)}\nallow b`), [
      'F:2:4097: a line of 1048576 characters: 4096 are the most',
    ]);
    const chain = Array.from({ length: 30_000 }, (_, at) => `[cfg S${at}]\nOK S${at + 1}`);
    assert.deepEqual(mistakes(`[IFUP]\nstartat S0\n${chain.join('\n')}`), []);
    const users = Array.from({ length: 100_000 }, (_, at) => `allow u${at}`);
    assert.equal(
      parsePolicy(`[IFUP]\n${users.join('\n')}`).policy.requests.get('IFUP')?.allow.length,
      100_000,
    );
    assert.equal(mistakes('[\n'.repeat(500_000)).length, 51);
  });

  it('reads whatever it is given without throwing, and names each mistake by a place in the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '[',
        ']',
        'cfg',
        'IFUP',
        'allow',
        'do',
        'ifup',
        '#',
        '\\',
        ',',
        ' ',
        '\n',
        '\t',
        'FAIL',
        'DHCP',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
        const text = pieces.join('');
        const lines = text.split('\n');
        const { policy, problems } = parsePolicy(text);
        for (const { line, column } of [...problems, ...problemsOf(policy, 'default')]) {
          assert.ok(line >= 1 && line <= lines.length);
          assert.ok(column >= 1 && column <= lines[line - 1]!.length + 1);
        }
        const printed = printPolicy(policy);
        const again = parsePolicy(printed);
        assert.deepEqual(again.problems, []);
        assert.deepEqual(bare(again.policy), bare(policy));
      }),
      { numRuns: 2000 },
    );
  });

  it('parses what it prints to the same policy', () => {
    const words = (pattern: RegExp) => fc.stringMatching(pattern);
    const step = words(/^[A-Z][A-Za-z0-9]{0,8}$/);
    const principal = words(/^@?[a-z][a-z0-9]{0,6}$/);
    const value = words(/^[!"$-Z^-~]{1,8}( [!"$-Z^-~]{1,8}){0,2}$/);
    const parameter = words(/^[a-z][a-z0-9-]{0,8}$/).filter(
      name => name !== 'retry' && !/^(ok|fail|timeout|notfound|auth|bound|bind)$/.test(name),
    );
    const request = fc.record({
      allow: fc.uniqueArray(principal, { maxLength: 4 }),
      prereq: fc.uniqueArray(
        words(/^[a-z]{1,4}[0-9.]{0,3}$/).filter(name => !/^\.+$/.test(name)),
        { maxLength: 3 },
      ),
      start: fc.option(step),
    });
    const section = fc.record({
      parameters: fc.dictionary(parameter, value, { maxKeys: 4, noNullPrototype: true }),
      next: fc.dictionary(words(/^[A-Z][A-Z0-9_]{0,6}$/), step, { maxKeys: 4, noNullPrototype: true }),
      retry: fc.option(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 86_400 }))),
    });
    const deed = fc.oneof(
      fc.constantFrom('ifup', 'ifdown', 'publish', 'poweroff'),
      words(/^[a-z]{5,9}-[0-9]$/).map(name => `emit ${name}`),
    );
    const file = fc.record({
      ifup: request,
      steps: fc.dictionary(step, section, { maxKeys: 4, noNullPrototype: true }),
      events: fc.dictionary(
        words(/^[a-z]{2,5}\.[a-z]{1,5}$/),
        fc.uniqueArray(deed, { minLength: 1, maxLength: 3 }),
        {
          maxKeys: 3,
          noNullPrototype: true,
        },
      ),
    });
    fc.assert(
      fc.property(file, ({ ifup, steps, events }) => {
        const text = [
          '[IFUP]',
          ...(ifup.allow.length > 0 ? [`allow ${ifup.allow.join(' ')}`] : []),
          ...ifup.prereq.map(name => `prereq ifup ${name}`),
          ...(ifup.start === null ? [] : [`startat ${ifup.start}`]),
          ...Object.entries(steps).flatMap(([name, { parameters, next, retry }]) => [
            `[cfg ${name}]`,
            ...Object.entries(parameters).map(pair => pair.join('\t ')),
            ...Object.entries(next).map(pair => pair.join(' ')),
            ...(retry === null ? [] : [`retry ${retry.join(' ')}`]),
          ]),
          ...Object.entries(events).flatMap(([name, dos]) => [`[${name}]`, ...dos.map(one => `do ${one}`)]),
        ].join('\n');
        const { policy, problems } = parsePolicy(text);
        assert.deepEqual(problems, []);
        const printed = printPolicy(policy);
        const again = parsePolicy(printed);
        assert.deepEqual(again.problems, []);
        assert.deepEqual(bare(again.policy), bare(policy));
        assert.equal(printPolicy(again.policy), printed);
      }),
    );
  });
});
