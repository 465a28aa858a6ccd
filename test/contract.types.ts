/**
 * What must compile, and what must not: `npm run lint` checks this file, nothing runs it. Each `@ts-expect-error` is an
 * error itself as soon as its line compiles.
 */
import { definePlugin, type Netconf, type Plugin, type StandardSchema } from 'netconf/plugin';
import type { Bus } from '../core/bus/bus.ts';
import type { Client } from '../core/control/client.ts';

declare const netconf: Netconf;
declare const bus: Bus;
declare const client: Client;
declare const schema: StandardSchema<{ port: number }>;

declare module 'netconf/plugin' {
  interface Events {
    'types-test.happened': { count: number };
  }
}

// Listening: the data has the type of the event's name.
netconf.on('link.carrier', event => event.data.new.ifname.length + event.data.old.mtu);
netconf.on('address.removed', event => event.data.old.local);
netconf.on('types-test.happened', event => event.data.count.toFixed());
netconf.on('home-lan-connected', event => event.data.SSID);
netconf.on('*', event => event.name);
// @ts-expect-error a removal has no new state
netconf.on('link.removed', event => event.data.new);
// @ts-expect-error an addition has no old state
netconf.on('link.added', event => event.data.old);
// @ts-expect-error there was not always an old default route
netconf.on('route.default', event => event.data.old.dst);
// @ts-expect-error no such field
netconf.on('link.carrier', event => event.data.new.speed);
// @ts-expect-error data of a third party is of unknown type
netconf.on('home-lan-connected', event => event.data.SSID.length);
// @ts-expect-error a listener is a function
netconf.on('link.carrier', 'listener');
netconf.on('link.carrier', event => {
  // @ts-expect-error an event cannot be changed
  event.name = 'x';
});

// Publishing.
netconf.emit('types-test.happened', { count: 1 });
netconf.emit('home-lan-connected', { SSID: 'home' }, { interface: 'wlan0' });
netconf.emit('home-lan-connected');
// @ts-expect-error the count is a number
netconf.emit('types-test.happened', { count: 'one' });
// @ts-expect-error the count is missing
netconf.emit('types-test.happened', {});
// @ts-expect-error an interface is named, not numbered
netconf.emit('home-lan-connected', {}, { interface: 1 });
// @ts-expect-error who emits is not for the plugin to say
netconf.emit('home-lan-connected', {}, { source: 'netlink' });

bus.publish('types-test.happened', { source: 'plugin:x', data: { count: 1 } });
bus.on('link.up', 'me', event => event.data.new.operstate);
// @ts-expect-error without a source
bus.publish('types-test.happened', { data: { count: 1 } });
// @ts-expect-error there is no such source
bus.publish('types-test.happened', { source: 'nowhere', data: { count: 1 } });
// @ts-expect-error data of another event
bus.publish('types-test.happened', { source: 'daemon', data: { size: 1 } });
// @ts-expect-error without an owner
bus.on('link.up', event => event.name);

// Hook points.
netconf.hooks.reaction.tap('hold', event => (event.name === 'x' ? { reason: 'later', ms: 10 } : undefined));
netconf.hooks.environment.tap('add', variables => ({ ...variables, MORE: '1' }));
netconf.hooks.authorise.tapPromise({ name: 'ask', stage: -10 }, async () => ({ allow: true }) as const);
netconf.hooks.preUp.tapPromise('wait', async operation => void operation.signal.aborted);
netconf.hooks.step.for('DHCP').tapPromise('dhcp', async () => ({ outcome: 'FAIL' }));
// @ts-expect-error it must answer at once
netconf.hooks.reaction.tap('late', async () => ({ reason: 'later', ms: 10 }));
// @ts-expect-error it must answer at once
netconf.hooks.environment.tap('late', async variables => variables);
// @ts-expect-error a hold has a reason
netconf.hooks.reaction.tap('mute', () => ({ ms: 10 }));
// @ts-expect-error a refusal has a reason
netconf.hooks.authorise.tap('mute', () => ({ allow: false }));
// @ts-expect-error variables are text
netconf.hooks.environment.tap('number', () => ({ COUNT: 1 }));
// @ts-expect-error a promise wants tapPromise
netconf.hooks.authorise.tap('late', async () => ({ allow: true }) as const);
// @ts-expect-error it must answer at once, so it has no tapPromise
netconf.hooks.reaction.tapPromise('late', () => undefined);
// @ts-expect-error an outcome is a word
netconf.hooks.step.for('DHCP').tap('number', () => ({ outcome: 1 }));
// @ts-expect-error there is no such hook point
netconf.hooks.midUp.tap('x', () => undefined);
// @ts-expect-error a step has a name
netconf.hooks.step.tap('x', () => undefined);
// @ts-expect-error plugins call no hook points
netconf.hooks.preUp.call();

netconf.hooks.renamed.tapPromise('mine', async (names, { act, isKept, file }) =>
  act === 'nothing' || file !== undefined ? undefined : names.map(name => (isKept(name) ? name : `x${name}`)),
);
netconf.hooks.declared.tap('mine', (interfaces, { file }) => (file === undefined ? interfaces : undefined));
// @ts-expect-error names are a list
netconf.hooks.renamed.tap('one', () => 'eth0');
netconf.hooks.replaced.tap('mine', (scripts, { stanza }) =>
  stanza.options.length > 0 ? [...scripts, { script: 'if-up.d/x', plugin: netconf.name }] : undefined,
);
netconf.gather('firewall', []).map(({ rules }) => rules.map(({ action }) => action.kind === 'redirect'));
netconf
  .gather('stanzas', [], undefined)
  .map(({ logical, stanza, makes }) => [logical, stanza.step, makes?.on]);
// @ts-expect-error with an operation, or without
netconf.gather('stanzas', []);
// @ts-expect-error plugins ask no other hook points
netconf.gather('environment', {});
// @ts-expect-error an operation says for which stanza
netconf.gather('replaced', []);

// Plugins.
definePlugin<{ port: number }>({
  name: 'x',
  options: schema,
  apply: ({ options }) => void options.port.toFixed(),
});
const plain: Plugin = { name: 'x', apply: () => undefined };
// @ts-expect-error without apply
definePlugin({ name: plain.name });
// @ts-expect-error without a name
definePlugin({ apply: () => undefined });
// @ts-expect-error the schema gives other options
definePlugin<{ host: string }>({ name: 'x', options: schema, apply: () => undefined });
// @ts-expect-error no such property
definePlugin({ name: 'x', nedes: ['y'], apply: () => undefined });
// @ts-expect-error options are checked, not changed
netconf.options = {};

// The control socket.
client.call('Emit', { event: 'x', data: { a: 1 }, wait: true }).then(({ entry }) => entry?.runs[0]?.status);
client.call('Plugins', {}).then(({ plugins }) => plugins[0]?.state === 'loaded');
// @ts-expect-error there is no such method
client.call('Shutdown', {});
// @ts-expect-error an event has a name
client.call('Emit', {});
// @ts-expect-error no such part
client.call('Status', { parts: ['firewall'] });
// @ts-expect-error no such state
client.call('Plugins', {}).then(({ plugins }) => plugins[0]?.state === 'asleep');

// Questions of clients, and operations that do again what is configured.
netconf.hooks.answer
  .for('radio tune')
  .tapPromise('tune', async ({ parameters, peer }) => ({ to: parameters.to, by: peer.uid }));
netconf.operate('ifup', 'eth0', { again: true }).then(result => result.state === 'configured');
// @ts-expect-error an answer is an object
netconf.hooks.answer.for('radio tune').tap('tune', () => 'tuned');
// @ts-expect-error whoever asks is known already
netconf.hooks.answer.for('radio tune').tap('tune', ({ peer }) => ({ by: peer.name }));
