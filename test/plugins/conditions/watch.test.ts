import assert from 'node:assert/strict';
import { Event, type EventFields } from '../../../core/bus/event.ts';
import { parseConditions } from '../../../plugins/conditions/parse.ts';
import { Watch } from '../../../plugins/conditions/watch.ts';

function watch(expression: string): Watch {
  const { conditions, problems } = parseConditions(`on ${expression}\ndo ifup\n`);
  assert.deepEqual(problems, []);
  return new Watch(conditions[0]!);
}

/** `a`, `a@eth0`, `a@eth0 SSID=home`. */
function event(text: string, fields: Partial<EventFields> = {}): Event {
  const [what = '', ...pairs] = text.split(' ');
  const [name = '', on] = what.split('@');
  const data = Object.fromEntries(pairs.map(pair => pair.split('=') as [string, string]));
  return new Event(1, name, { source: 'user:0', interface: on, data, ...fields });
}

/** The turns that these events bring, in their order. */
function turns(expression: string, ...events: string[]): (string | undefined)[] {
  const one = watch(expression);
  return events.map(text => one.see(event(text)));
}

const none = undefined;

describe('a condition', () => {
  it('comes true with its event, again each time', () => {
    assert.deepEqual(turns('a', 'a', 'b', 'a', 'a'), ['met', none, 'met', 'met']);
  });

  it('waits for all of and, in any order, and begins anew when it was met', () => {
    assert.deepEqual(turns('a and b', 'a', 'a', 'b', 'b', 'b', 'a'), [none, none, 'met', none, none, 'met']);
  });

  it('leaves the events waiting that had no part in it', () => {
    assert.deepEqual(turns('a or (b and c)', 'b', 'a', 'c'), [none, 'met', 'met']);
  });

  it('is about events whose variables match', () => {
    const expression = 'a IFACE=wl* SSID=home*';
    const events = ['a', 'a@wlan0', 'a@eth0 SSID=home', 'a@wlan0 SSID=office', 'a@wlan0 SSID=home-5G'];
    assert.deepEqual(turns(expression, ...events), [none, none, none, none, 'met']);
    assert.deepEqual(turns('vpn.* NETCONF_NAME=x', 'vpn.up name=x', 'vpn.down name=y'), ['met', none]);
  });

  it('takes no key for a variable that only JavaScript has', () => {
    assert.deepEqual(turns('a constructor=*', 'a'), [none]);
    assert.deepEqual(turns('a __proto__=*', 'a'), [none]);
  });

  it('is about what conditions tell of themselves only by name: for a glob that would never end', () => {
    const told = ['condition.met', 'condition.failed', 'a'];
    assert.deepEqual(turns('*', ...told), [none, none, 'met']);
    assert.deepEqual(turns('condition.met', ...told), ['met', none, none]);
  });

  it('holds during a span, and ends with it', () => {
    assert.deepEqual(turns('from a until b', 'b', 'a', 'a', 'b', 'b', 'a'), [
      none,
      'met',
      none,
      'ended',
      none,
      'met',
    ]);
  });

  it('holds for each interface, as long as for any; an event about none ends it for all', () => {
    assert.deepEqual(turns('from a until b', 'a@x', 'a@y', 'b@x', 'b@y'), ['met', none, none, 'ended']);
    assert.deepEqual(turns('from a until b', 'a@x', 'a@y', 'b'), ['met', none, 'ended']);
    assert.deepEqual(turns('from a until b', 'a', 'b@x'), ['met', 'ended']);
  });

  it('ends with the interface, and follows its new name', () => {
    assert.deepEqual(turns('from a until b', 'a@x', 'link.removed@y', 'link.removed@x'), [
      'met',
      none,
      'ended',
    ]);
    const one = watch('from a until b');
    one.see(event('a@x'));
    one.see(event('link.renamed@y', { data: { old: { ifname: 'x' } } }));
    assert.equal(one.see(event('b@x')), none);
    assert.equal(one.see(event('b@y')), 'ended');
  });

  it('waits while it is denied: the tunnel of who leaves the office', () => {
    const tunnel = 'inet-connected unless from office-lan-connected until office-lan-disconnected';
    const day = ['inet-connected', 'office-lan-connected', 'inet-connected', 'office-lan-disconnected'];
    assert.deepEqual(turns(tunnel, ...day), ['met', none, none, 'met']);
    assert.deepEqual(
      turns(`from inet-connected until inet-disconnected unless ${tunnel.split('unless ')[1]}`, ...day),
      ['met', 'ended', none, 'met'],
    );
  });

  it('is met by no event of before, whose spans hold all the same', () => {
    const one = watch('link.added');
    assert.equal(one.see(event('link.added@x', { replayed: true })), none);
    const two = watch('from link.added until link.removed');
    assert.equal(two.see(event('link.added@x', { replayed: true })), 'met');
  });

  it('tells its state, and what an event would do, without being changed', () => {
    const one = watch('a and (b or from c until d)');
    one.see(event('c@x'));
    assert.equal(
      String(one),
      'a [has not happened] and (b [has not happened] or from c until d [holds for x])',
    );
    assert.equal(one.wouldSee(event('a')), 'met');
    assert.equal(one.wouldSee(event('a')), 'met');
    assert.equal(one.see(event('a')), 'met');
  });

  it('goes on after a restart where it was, but not for interfaces that have gone', () => {
    const [one, two] = [watch('from a until b'), watch('from a until b')];
    one.see(event('a@x'));
    two.recall(JSON.parse(JSON.stringify(one.memory)));
    assert.equal(two.see(event('a@x')), none);
    assert.equal(two.keepOnly(new Set(['x'])), none);
    assert.equal(two.keepOnly(new Set(['y'])), 'ended');
    two.recall({ leaves: [true], held: true });
    assert.equal(two.see(event('a@x')), 'met');
  });
});
