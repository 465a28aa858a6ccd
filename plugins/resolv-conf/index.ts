import { definePlugin } from 'netconf/plugin';
import { listenToLeases, listenToLinks, listenToRouters, listenToVpns, tapOperations } from './listeners.ts';
import { isMount, isOfThisMachine } from './namespace.ts';
import { Service } from './service.ts';
import { type Options, options } from './settings.ts';
import { ofOperation } from './sources/stanza.ts';

/** Debian's scripts for the same options. */
const scripts = { ifup: 'if-up.d/000resolvconf', ifdown: 'if-down.d/resolvconf' } as const;

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
    if (netconf.observe || !isOurs(netconf.options.file)) return;
    const service = new Service(netconf);
    let ends = false;
    netconf.hooks.ready.tap('what an earlier process left', () => service.start());
    tapOperations(netconf, service);
    listenToLeases(netconf, service);
    listenToVpns(netconf, service);
    listenToRouters(netconf, service);
    listenToLinks(netconf, service);
    if (netconf.options.writer !== 'none')
      netconf.hooks.replaced.tap('dns-* options', (all, operation) =>
        ofOperation(operation) === undefined
          ? undefined
          : [...all, { script: scripts[operation.request], plugin: netconf.name }],
      );
    netconf.on('daemon.stopping', () => {
      ends = true;
    });
    // An ifup without a daemon ends as well: what it has configured stays in any case.
    netconf.hooks.stop.tapPromise('name service', async () => {
      if (ends && netconf.options.stop === 'restore') await service.giveBack();
      else await service.settled();
    });
    netconf.onUnload(() => service.release());
  },
});

/**
 * May it act? In a network namespace of its own the usual file is the machine's, unless it is mounted there for the
 * namespace (ip-netns(8)); and who is not root changes nothing. A file that the configuration names is meant.
 */
function isOurs(file: string | undefined): boolean {
  if (file !== undefined) return true;
  return process.getuid?.() === 0 && (isOfThisMachine() || isMount('/etc/resolv.conf'));
}
