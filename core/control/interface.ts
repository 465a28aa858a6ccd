// Long because it is one text: the interface description that `varlinkctl introspect` prints, with every type in it.
import { errorCodes } from '../base/errors.ts';

export const interfaceName = 'io.netconf';

/**
 * The interface `io.netconf` in Varlink's interface definition language (varlink.org/Interface-Definition). Says the
 * same as `api.ts`, `bus/event.ts` and `netlink/objects.ts`; a test compares them field by field. The errors are those
 * of the catalogue.
 */
export const interfaceDescription = `# netconfd: network configuration from the bottom up.
#
# Anybody may call Status, Monitor and Explain; the rest is for root and the daemon's own user unless the
# policy says otherwise.
interface ${interfaceName}

# Which lists of Status.
type Part (links, addresses, routes, rules, neighbours, daemon)

# What the kernel has, as the daemon's mirror knows it. Call it with 'more': a large answer comes in several
# replies, whose lists put together are the answer. Without 'more' a large one is ExpectedMore.
method Status(parts: ?[]Part) -> (
  links: ?[]Link,
  addresses: ?[]AddressedLink,
  routes: ?[]Route,
  rules: ?[]Rule,
  neighbours: ?[]Neighbour,
  daemon: ?DaemonStatus
)

# Publishes an event of a third party. With 'wait' the reply comes when the hook scripts have run.
method Emit(event: string, interface: ?string, data: ?object, wait: ?bool) -> (
  id: int,
  entry: ?HistoryEntry
)

# Events as they happen, one a reply, until the connection is closed. Needs 'more'. Names and interfaces may
# be globs. A subscriber that is too slow is told how many events it lost.
method Monitor(names: ?[]string, interfaces: ?[]string, replay: ?bool) -> (event: ?Event, lost: ?int)

# What happened, oldest first, and which scripts ran. With 'more' a large answer comes in several replies.
method History(
  names: ?[]string,
  interfaces: ?[]string,
  failed: ?bool,
  id: ?int,
  limit: ?int,
  storm: ?bool
) -> (entries: []HistoryEntry)

# What would happen on an event, and why the rest would not. Touches nothing.
method Explain(event: string, interface: ?string, data: ?object) -> (explanation: Explanation)

# The plugins, those that failed too.
method Plugins() -> (plugins: []PluginReport)

# Loads a plugin of the plugin directories by its name.
method LoadPlugin(name: string) -> (plugin: PluginReport)

# Takes back all that a plugin registered.
method UnloadPlugin(name: string) -> ()

# Reads the configuration again. A bad one leaves the old one in force.
method Reload() -> (file: ?string)

# Time in milliseconds since the epoch.
type Event (
  id: int,
  name: string,
  time: int,
  source: string,
  interface: ?string,
  ifindex: ?int,
  cause: ?int,
  replayed: ?bool,
  data: object
)

type HistoryState (none, queued, running, done, dropped, superseded, held)

# An event and what became of it.
type HistoryEntry (
  event: Event,
  state: HistoryState,
  runs: []Run,
  refused: [](script: string, reason: string),
  superseded: ?[]int,
  reason: ?string
)

# One run of one hook script. Times in milliseconds.
type Run (
  script: string,
  started: int,
  ms: float,
  status: ?int,
  signal: ?string,
  timedOut: ?bool,
  error: ?string,
  output: string
)

type Explanation (
  event: string,
  interface: ?string,
  listeners: [](plugin: string, on: string),
  taps: [](hook: string, plugin: string, stage: int),
  scripts: []ExplainedScript,
  notes: []string
)

# Deadline in seconds.
type ExplainedScript (script: string, run: bool, deadline: ?float, reason: ?string)

type PluginState (loaded, failed, disabled, unloaded)

type PluginReport (
  name: string,
  version: ?string,
  file: string,
  state: PluginState,
  reason: ?string,
  needs: []string,
  events: []string,
  taps: []string,
  listeners: []string,
  failures: int,
  lastFailure: ?string,
  ms: float
)

type DaemonStatus (
  version: string,
  pid: int,
  started: int,
  observe: bool,
  socket: string,
  configuration: ?string,
  rejected: ?string,
  counters: [string]int
)

# As 'ip -d -j link' has it. Attributes that netconf does not know are in 'unknown': type to hexadecimal bytes.
type Link (
  ifindex: int,
  ifname: string,
  link: ?string,
  link_index: ?int,
  link_netnsid: ?int,
  flags: []string,
  mtu: int,
  qdisc: ?string,
  master: ?string,
  operstate: string,
  linkmode: ?string,
  group: ?string,
  txqlen: ?int,
  link_type: string,
  address: ?string,
  broadcast: ?string,
  ifalias: ?string,
  altnames: ?[]string,
  linkinfo: ?LinkInfo,
  unknown: ?[string]string
)

type LinkInfo (
  info_kind: ?string,
  info_data: ?object,
  info_slave_kind: ?string,
  info_slave_data: ?object
)

# As 'ip -j address' has it: a link with the addresses on it.
type AddressedLink (
  ifindex: int,
  ifname: string,
  link: ?string,
  link_index: ?int,
  link_netnsid: ?int,
  flags: []string,
  mtu: int,
  qdisc: ?string,
  master: ?string,
  operstate: string,
  group: ?string,
  txqlen: ?int,
  link_type: string,
  address: ?string,
  broadcast: ?string,
  ifalias: ?string,
  unknown: ?[string]string,
  addr_info: []AddressInfo
)

# Life times in seconds.
type AddressInfo (
  family: string,
  local: string,
  address: ?string,
  prefixlen: int,
  broadcast: ?string,
  scope: string,
  label: ?string,
  protocol: ?string,
  metric: ?int,
  valid_life_time: int,
  preferred_life_time: int,
  tentative: ?bool,
  dadfailed: ?bool,
  deprecated: ?bool,
  dynamic: ?bool,
  temporary: ?bool,
  mngtmpaddr: ?bool,
  noprefixroute: ?bool,
  nodad: ?bool,
  optimistic: ?bool,
  home: ?bool,
  secondary: ?bool,
  stable_privacy: ?bool,
  autojoin: ?bool,
  unknown: ?[string]string
)

type Via (family: string, host: string)

type NextHop (
  gateway: ?string,
  via: ?Via,
  dev: ?string,
  weight: ?int,
  flags: []string,
  encap: ?string
)

# As 'ip -j route show table all' has it, with the family.
type Route (
  family: string,
  type: ?string,
  dst: string,
  from: ?string,
  tos: ?string,
  gateway: ?string,
  via: ?Via,
  dev: ?string,
  nhid: ?int,
  table: ?string,
  protocol: ?string,
  scope: ?string,
  prefsrc: ?string,
  metric: ?int,
  flags: []string,
  metrics: ?[]object,
  expires: ?int,
  pref: ?string,
  nexthops: ?[]NextHop,
  unknown: ?[string]string
)

# As 'ip -j rule' has it, with the family.
type Rule (
  family: string,
  priority: int,
  not: ?bool,
  src: string,
  srclen: ?int,
  dst: ?string,
  dstlen: ?int,
  tos: ?string,
  fwmark: ?string,
  fwmask: ?string,
  iif: ?string,
  oif: ?string,
  uid_start: ?int,
  uid_end: ?int,
  ipproto: ?string,
  table: ?string,
  protocol: ?string,
  action: ?string,
  goto: ?int,
  unknown: ?[string]string
)

# As 'ip -j neighbour' has it.
type Neighbour (
  dst: string,
  dev: string,
  lladdr: ?string,
  router: ?bool,
  proxy: ?bool,
  state: []string,
  unknown: ?[string]string
)

${Object.entries(errorCodes)
  .map(([code, text]) => `# ${text}\nerror ${code} (message: string, hint: ?string)\n`)
  .join('\n')}`;
