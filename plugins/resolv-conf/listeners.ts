import {
  type DhcpReport,
  type Event,
  interfaceName,
  type Netconf,
  type Operation,
  placeOf,
} from 'netconf/plugin';
import { sinceStart } from './clock.ts';
import { type Contribution, nothing } from './model.ts';
import type { Service } from './service.ts';
import { ofLease } from './sources/lease.ts';
import { type Advertised, forever, mostDomains, mostServers, ofRouter } from './sources/router.ts';
import { ofOperation } from './sources/stanza.ts';
import { ofVpn } from './sources/vpn.ts';
import type { WhenNeeded } from './when-needed.ts';

const leaseEvents = [
  'dhcp.bound',
  'dhcp.renewed',
  'dhcp.rebound',
  'dhcp.rebooted',
  'dhcp.expired',
  'dhcp.failed',
  'dhcp.timed-out',
  'dhcp.stopped',
  'dhcp.released',
] as const;

/** Routers advertise as often as they like: what they say comes into force once a second at most. */
const routersMs = 1000;

/** Leases of DHCP: what a client holds, and nothing when it holds nothing. */
export function listenToLeases(netconf: Netconf<unknown>, dns: WhenNeeded): void {
  const heard = new Set<string>();
  const hear = (event: Event<DhcpReport>) => {
    const { interface: on, data } = event;
    const service = data.lease === undefined ? dns.begun : dns.wanted;
    if (on === undefined || service === undefined) return;
    heard.add(`${on} ${data.family}`);
    const key = { interface: on, kind: 'dhcp', name: data.family } as const;
    const reading = data.lease === undefined ? { ...nothing, refused: [] } : ofLease(data.lease, on);
    service.refuse(`${on}: the lease's DNS`, reading.refused);
    if (service.put(key, reading, { cause: event })) void service.apply();
  };
  for (const name of leaseEvents) netconf.on(name, hear);
  const isOver = ({ kind, interface: on, name }: Contribution) =>
    kind === 'dhcp' && !heard.has(`${on} ${name}`);
  netconf.on('daemon.ready', event => {
    // What is held still has been told by now: the rest ended while nobody listened. The daemon's start does not wait.
    setImmediate(() => {
      if (dns.service?.remove(isOver, undefined, event) === true) void dns.service.apply();
    });
  });
}

/** Options of stanzas and policies: in force before the scripts of `up` run, and until those of `down` have. */
export function tapOperations(netconf: Netconf<unknown>, dns: WhenNeeded): void {
  netconf.hooks.postUp.tapPromise({ name: 'dns-* options', stage: -100 }, async operation => {
    const reading = ofOperation(operation);
    const service = reading === undefined ? dns.begun : dns.wanted;
    if (service === undefined) return;
    const { interface: on, stanza, event } = operation;
    const [first = ''] = stanza.options.map(([name]) => name).filter(name => /^dns[-_]/.test(name));
    const place = placeOf(stanza, first) ?? on;
    for (const sentence of service.refuse(`${place}: dns-*`, reading?.refused ?? []))
      operation.progress(sentence);
    const changes = service.put(keyOf(operation), reading ?? nothing, { cause: event });
    // A lease of the same operation may be on its way into the file.
    if (changes) await service.applied();
    else await service.settled();
  });
  netconf.hooks.preDown.tapPromise({ name: 'dns-* options', stage: 100 }, async operation => {
    const { service } = dns;
    if (service?.put(keyOf(operation), nothing, { cause: operation.event }) === true) await service.applied();
  });
  netconf.hooks.postDown.tapPromise({ name: "the lease's DNS", stage: -100 }, async operation => {
    const { interface: on, stanza, parameters, event } = operation;
    if (stanza.step !== 'DHCP') return;
    const { service } = dns;
    const key = { interface: on, kind: 'dhcp', name: parameters.family ?? stanza.family } as const;
    if (service?.put(key, nothing, { cause: event }) === true) await service.applied();
  });
}

/** Tunnels of plugins that run VPNs. */
export function listenToVpns(netconf: Netconf<unknown>, dns: WhenNeeded): void {
  netconf.on('vpn.up', event => {
    const reading = ofVpn(event.data as Readonly<Record<string, unknown>>, event.interface);
    if (reading?.dev === undefined || !interfaceName.test(reading.dev)) return;
    const service = dns.wanted;
    if (service === undefined) return;
    const { dev, name, refused } = reading;
    service.refuse(`${dev}: DNS of the VPN ${name}`, refused);
    if (service.put({ interface: dev, kind: 'vpn', name }, reading, { cause: event })) void service.apply();
  });
  // A tunnel that carries nothing has no server that answers; the name of its peer has to be resolved, too.
  for (const name of ['vpn.down', 'vpn.reconnecting'])
    netconf.on(name, event => {
      const { service } = dns;
      const vpn = ofVpn(event.data as Readonly<Record<string, unknown>>, event.interface)?.name;
      const isIt = (one: Contribution) => one.kind === 'vpn' && one.name === vpn;
      if (service?.remove(isIt, undefined, event) === true) void service.apply();
    });
}

/** Router advertisements, which are only told with `netlink.routerOptions`. */
export function listenToRouters(netconf: Netconf<unknown>, dns: WhenNeeded): void {
  netconf.on('ra.option', event => {
    const { interface: on, data } = event;
    const found = on === undefined ? undefined : ofRouter(data, on);
    const service = found === undefined ? undefined : dns.wanted;
    if (on === undefined || found === undefined || service === undefined) return;
    service.refuse(`${on}: router advertisement`, found.refused);
    const heard = sinceStart();
    for (const one of found.advertised)
      service.defer(`${on} ${one.name}`, () => admit(service, on, one, { heard, cause: event }), routersMs);
  });
}

function admit(
  service: Service,
  on: string,
  { name, settings, lifetime }: Advertised,
  { heard, cause }: { heard: number; cause: Event },
): void {
  const key = { interface: on, kind: 'router', name } as const;
  const isServer = settings.servers.length > 0;
  const alike = service
    .of(on)
    .filter(({ kind, servers }) => kind === 'router' && servers.length > 0 === isServer);
  const isFull = alike.length >= (isServer ? mostServers : mostDomains);
  if (lifetime === 0) service.put(key, nothing, { cause });
  else if (isFull && !alike.some(one => one.name === name)) {
    const reason = `routers have advertised ${alike.length} already`;
    service.refuse(`${on}: router advertisement`, [{ value: name, reason }]);
  } else {
    const until = lifetime === forever ? {} : { until: heard + lifetime * 1000 };
    service.put(key, settings, { ...until, cause });
  }
}

/** Links that go, and are called otherwise; routes, by which interfaces are put in order. */
export function listenToLinks(netconf: Netconf<unknown>, dns: WhenNeeded): void {
  const isOf = (link: string) => (one: { interface: string }) =>
    one.interface === link || one.interface.startsWith(`${link}:`);
  const drop = (event: Event, fits: (one: Contribution) => boolean) => {
    if (dns.begun?.remove(fits, undefined, event) === true) void dns.begun.apply();
  };
  netconf.on('link.removed', event => drop(event, isOf(event.data.old.ifname)));
  // The kernel forgets what routers have advertised, too.
  netconf.on('link.down', event => {
    const { ifname } = event.data.new;
    drop(event, one => one.kind === 'router' && one.interface === ifname);
  });
  netconf.on('link.renamed', event => {
    const { old, new: now } = event.data;
    if (dns.begun?.rename(old.ifname, now.ifname, event) === true) void dns.begun.apply();
  });
  netconf.on('route.default', () => dns.begun?.routesChanged());
}

function keyOf({ interface: on, stanza: { family, nth } }: Operation) {
  const name = family.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 32);
  return { interface: on, kind: 'interfaces', name: nth === undefined ? name : `${name}-${nth}` } as const;
}
