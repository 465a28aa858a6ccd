import { definePlugin } from 'netconf/plugin';
import * as v from 'valibot';
import { hasManagers, indexOf, isOfThisNamespace, type Manager, managerOf } from './managers.ts';

/**
 * Leaves interfaces alone that NetworkManager or systemd-networkd manage: what sources declare of them does not count
 * at boot, for hotplug and for `ifup -a`, and an `ifup` that names one fails and says who manages it, unless it is
 * forced. What netconf has configured already is not asked about: `ifdown` always works.
 */
const options = v.strictObject({
  /** Where their state is. One of its own is believed in every network namespace. */
  runtime: v.optional(v.pipe(v.string(), v.regex(/^\//, 'an absolute path was expected'))),
});

export default definePlugin<v.InferOutput<typeof options>>({
  name: 'managed',
  version: '1.0.0',
  options,
  apply(netconf) {
    const { runtime = '/run' } = netconf.options;
    if (netconf.options.runtime === undefined && !isOfThisNamespace()) return;
    const managers = (name: string): Manager | undefined => {
      const link = linkOf(name);
      const ifindex = indexOf(link);
      return ifindex === undefined ? undefined : managerOf(runtime, link, ifindex);
    };

    // Asked of each interface, and often: not at all on machines where nobody else does.
    netconf.hooks.declared.tap({ name: 'interfaces that others manage', stage: 100 }, interfaces =>
      hasManagers(runtime)
        ? interfaces.filter(({ interface: name }) => managers(name) === undefined)
        : undefined,
    );
    // Before anything begins: nothing has failed then, and nothing is on record.
    netconf.hooks.authorise.tap(
      { name: 'interfaces that others manage', stage: -100 },
      ({ action, subject, force }) => {
        if (action !== 'IFUP' || subject === undefined || force === true) return undefined;
        const manager = managers(subject);
        return manager && { allow: false, reason: refusal(subject, manager) };
      },
    );
    // Whom nobody asks whether they may: policies, plugins, other interfaces' prerequisites.
    netconf.hooks.prerequisites.tap(
      { name: 'interfaces that others manage', stage: -100 },
      (_, operation) => {
        const { interface: name, request, options: asked } = operation;
        const manager = request === 'ifup' && !asked.force ? managers(name) : undefined;
        if (manager === undefined) return undefined;
        throw new Error(refusal(name, manager));
      },
    );
  },
});

function refusal(name: string, { name: manager, release }: Manager): string {
  return `${name} is managed by ${manager}; to take it from there: ${release}; --force configures it all the same`;
}

/** Of an alias as Debian writes them: `eth0` of `eth0:1`. */
function linkOf(name: string): string {
  return name.replace(/:.*$/, '');
}
