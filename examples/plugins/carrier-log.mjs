// A plugin in one file of plain JavaScript, without a build and without dependencies: copy it to
// /etc/netconf/plugins/carrier-log.mjs, then `netconf plugin load carrier-log`.
//
// It counts how often each link lost its carrier, tells scripts the number, and says so when a link that matters to
// you has lost it. Its options, in /etc/netconf/netconf.yaml:
//
//     plugins:
//       carrier-log:
//         uplinks: [eth0]

/** A schema by hand, as the Standard Schema (standardschema.dev) wants it. A library such as valibot makes the same. */
const options = {
  '~standard': {
    version: 1,
    vendor: 'carrier-log',
    validate(value) {
      const { uplinks = [], ...strangers } = value;
      const issues = Object.keys(strangers).map(key => ({ message: 'no such option', path: [key] }));
      if (!Array.isArray(uplinks) || !uplinks.every(name => typeof name === 'string')) {
        issues.push({ message: 'a list of interface names was expected', path: ['uplinks'] });
      }
      return issues.length > 0 ? { issues } : { value: { uplinks: new Set(uplinks) } };
    },
  },
};

export default {
  name: 'carrier-log',
  version: '1.0.0',
  options,

  apply(netconf) {
    /** Losses by interface. */
    const losses = new Map();

    netconf.on('link.no-carrier', event => {
      // At start every link is told of once more: that is no loss.
      if (event.replayed) return;
      const count = (losses.get(event.interface) ?? 0) + 1;
      losses.set(event.interface, count);
      netconf.log.notice(`${event.interface} lost its carrier (${count} so far)`);
      if (netconf.options.uplinks.has(event.interface)) {
        netconf.emit('uplink-lost', { losses: count }, { interface: event.interface });
      }
    });
    netconf.on('link.renamed', ({ data }) => {
      const count = losses.get(data.old.ifname);
      losses.delete(data.old.ifname);
      if (count !== undefined) losses.set(data.new.ifname, count);
    });
    netconf.on('link.removed', event => losses.delete(event.interface));

    // Scripts of such a link find the number in CARRIER_LOSSES.
    netconf.hooks.environment.tap('count', (variables, event) => {
      const count = losses.get(event.interface);
      return count === undefined ? undefined : { ...variables, CARRIER_LOSSES: String(count) };
    });
  },
};
