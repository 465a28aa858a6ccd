import * as v from 'valibot';

/**
 * The configuration: every key, its type, its default. The JSON Schema for editors and `docs/configuration.md` come
 * from here, so each description is the manual's sentence.
 */
const path = v.pipe(v.string(), v.regex(/^\//, 'an absolute path was expected'));
const paths = v.array(path);
const seconds = v.pipe(v.number(), v.minValue(0.1), v.maxValue(86_400));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));
const glob = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9.*?-]+$/, 'an event name or a pattern such as link.* was expected'),
);
const pluginName = v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a plugin name was expected'));

const interfaceName = v.pipe(v.string(), v.regex(/^[^\s/]{1,79}$/, 'the name of an interface was expected'));
const optionName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9_-]*$/, 'an option of interfaces(5), such as bond-mode, was expected'),
);
const oneLine = v.pipe(
  v.string(),
  v.regex(/^[^\n\0]+$/, 'a value of one line was expected, or a list of them'),
);
const optionValue = v.union(
  [oneLine, v.number(), v.boolean()],
  'a value of one line was expected, or a list of them',
);

const described = <const S extends v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>>(
  schema: S,
  text: string,
) => v.pipe(schema, v.description(text));

const pathsSection = v.strictObject({
  hooks: described(v.optional(paths), 'Hook directories that stand in for /etc/netconf/hooks.d.'),
  plugins: described(v.optional(paths), 'Plugin directories that stand in for /etc/netconf/plugins.'),
  policy: described(v.optional(paths), 'Directories of policies that stand in for /etc/netconf/policy.d.'),
  methods: described(
    v.optional(paths),
    'Directories with methods in linux/ that stand in for /etc/netconf/methods.',
  ),
  socket: described(v.optional(path), 'The control socket. Default: /run/netconf/control.'),
});

const hooksSection = v.strictObject({
  events: described(
    v.optional(v.array(glob)),
    'Events that run the scripts in hooks.d itself: names and patterns. Default: interface, request and dhcp events, link.up, link.down, link.carrier, link.no-carrier, the families of plugins, and custom events.',
  ),
  replay: described(
    v.optional(v.boolean(), false),
    'Run scripts also for what exists when the daemon starts.',
  ),
  deadline: described(v.optional(seconds, 30), 'Seconds a script may take.'),
  deadlines: described(
    v.optional(v.record(v.string(), seconds), {}),
    'Seconds for the scripts of one directory (link.carrier.d) or for one script (link.carrier.d/50-vpn).',
  ),
  parallel: described(v.optional(count, 64), 'Scripts that run at once, over all interfaces.'),
});

const netlinkSection = v.strictObject({
  receiveBuffer: described(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(4096), v.maxValue(1_073_741_824)), 33_554_432),
    'Bytes of the receive buffer. 32 MiB hold some 80,000 unread messages.',
  ),
  neighbours: described(v.optional(v.boolean(), false), 'Keep neighbours and publish their events.'),
  routerOptions: described(
    v.optional(v.boolean(), false),
    'Publish options of router advertisements (ra.option).',
  ),
});

const historySection = v.strictObject({
  hooks: described(v.optional(count, 1000), 'Events with hook runs or refusals that are remembered.'),
  events: described(v.optional(count, 1000), 'Other events that are remembered.'),
  storm: described(v.optional(count, 1000), 'Route and neighbour events that are remembered.'),
});

export const schema = v.strictObject({
  paths: described(v.optional(pathsSection, {}), 'Where things lie.'),
  hooks: described(v.optional(hooksSection, {}), 'Hook scripts.'),
  netlink: described(v.optional(netlinkSection, {}), 'The netlink source.'),
  history: described(v.optional(historySection, {}), 'How much is remembered for netconf history.'),
  interfaces: described(
    v.optional(
      v.record(
        interfaceName,
        v.record(
          optionName,
          v.union(
            [optionValue, v.pipe(v.array(optionValue), v.nonEmpty('at least one value was expected'))],
            'a value of one line was expected, or a list of them',
          ),
        ),
      ),
      {},
    ),
    'Options of interfaces(5) by logical interface, beneath those of its stanzas and of the steps of its policy.',
  ),
  plugins: described(
    v.optional(v.record(pluginName, v.union([v.literal(false), v.record(v.string(), v.unknown())])), {}),
    'Options by plugin name; false keeps a plugin from loading.',
  ),
});

export type Configuration = v.InferOutput<typeof schema>;

/** What is in force without a configuration file. */
export function defaults(): Configuration {
  return v.parse(schema, {});
}
