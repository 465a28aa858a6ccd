import { definePlugin } from 'netconf/plugin';
import { listenToLeases, listenToLinks, listenToRouters, listenToVpns, tapOperations } from './listeners.ts';
import { type Options, options } from './settings.ts';
import { ofOperation } from './sources/stanza.ts';
import { WhenNeeded } from './when-needed.ts';

/** Debian's scripts for the same options. */
const scripts = { ifup: 'if-up.d/000resolvconf', ifdown: 'if-down.d/resolvconf' } as const;
/** Families of events that say something of name service. */
const aboutDns: ReadonlySet<string> = new Set(['dhcp', 'interface', 'ra', 'vpn']);
/** Milliseconds: the daemon has started by then. */
const soonMs = 100;

/**
 * Name service: servers, search domains and options of DHCP leases, interfaces(5), VPNs and router advertisements,
 * merged into resolv.conf, or handed to the program that it belongs to.
 */
export default definePlugin<Options>({
  name: 'resolv-conf',
  version: '1.0.0',
  events: ['dns'],
  options,
  apply(netconf) {
    if (netconf.observe) return;
    const dns = new WhenNeeded(netconf);
    tapOperations(netconf, dns);
    listenToLeases(netconf, dns);
    listenToVpns(netconf, dns);
    listenToRouters(netconf, dns);
    listenToLinks(netconf, dns);
    if (netconf.options.writer !== 'none')
      netconf.hooks.replaced.tap('dns-* options', (all, operation) =>
        ofOperation(operation) === undefined || !dns.acts
          ? undefined
          : [...all, { script: scripts[operation.request], plugin: netconf.name }],
      );
    netconf.hooks.explain.tap('name service', (sentences, { family }) =>
      dns.rests !== undefined && aboutDns.has(family) ? [...sentences, dns.rests] : undefined,
    );
    let look: NodeJS.Timeout | undefined;
    netconf.hooks.ready.tap('what an earlier process left', () => {
      look = setTimeout(() => void dns.service, soonMs).unref();
    });
    let ends = false;
    netconf.on('daemon.stopping', () => {
      ends = true;
    });
    // An ifup without a daemon ends as well: what it has configured stays in any case.
    netconf.hooks.stop.tapPromise('name service', async () => {
      if (ends && netconf.options.stop === 'restore') await dns.service?.giveBack();
      else await dns.begun?.settled();
    });
    netconf.onUnload(() => {
      clearTimeout(look);
      dns.release();
    });
  },
});
