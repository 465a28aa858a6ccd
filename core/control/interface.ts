// Long because it is one text: the interface description that `varlinkctl introspect` prints, with every type in it.
import { errorCodes } from '../base/errors.ts';

export const interfaceName = 'io.netconf';

/**
 * The interface `io.netconf` in Varlink's interface definition language (varlink.org/Interface-Definition). Says the
 * same as `api.ts`, `bus/event.ts` and `bus/objects.ts`; a test compares them field by field. The errors are those
 * of the catalogue.
 */
export const interfaceDescription = `# netconfd: network configuration from the bottom up.
#
# Anybody may call Status, Monitor and Explain; the rest is for root and the daemon's own user unless the
# policy says otherwise.
interface ${interfaceName}

# Which lists of Status.
type Part (links, addresses, routes, rules, neighbours, interfaces, daemon)

# What the kernel has, as the daemon's mirror knows it. Call it with 'more': a large answer comes in several
# replies, whose lists put together are the answer. Without 'more' a large one is ExpectedMore.
method Status(parts: ?[]Part) -> (
  links: ?[]Link,
  addresses: ?[]AddressedLink,
  routes: ?[]Route,
  rules: ?[]Rule,
  neighbours: ?[]Neighbour,
  interfaces: ?[]InterfaceStatus,
  daemon: ?DaemonStatus
)

# Configures an interface, or with 'all' every one that is declared in this class. With 'more' each reply but the last
# tells of the progress. A client that hangs up ends the operation: what was begun is undone.
method Up(
  interface: ?string,
  logical: ?string,
  all: ?string,
  exclude: ?[]string,
  class: ?string,
  force: ?bool,
  ignoreErrors: ?bool,
  noScripts: ?string,
  noMappings: ?bool,
  verbose: ?bool,
  file: ?string,
  set: ?[](name: string, value: string)
) -> (progress: ?OperationProgress, results: ?[]OperationResult)

# Takes an interface down, or with 'all' every one that is configured.
method Down(
  interface: ?string,
  logical: ?string,
  all: ?string,
  exclude: ?[]string,
  class: ?string,
  force: ?bool,
  ignoreErrors: ?bool,
  noScripts: ?string,
  noMappings: ?bool,
  verbose: ?bool,
  file: ?string,
  set: ?[](name: string, value: string)
) -> (progress: ?OperationProgress, results: ?[]OperationResult)

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

# What would happen on an event, or the path that an operation would take. Touches nothing.
method Explain(
  event: ?string,
  interface: ?string,
  data: ?object,
  operation: ?OperationName,
  as: ?(uid: int, gid: int, groups: []int)
) -> (explanation: ?Explanation, path: ?OperationPath)

# The plugins, those that failed too.
method Plugins() -> (plugins: []PluginReport)

# Loads a plugin of the plugin directories by its name.
method LoadPlugin(name: string) -> (plugin: PluginReport)

# Takes back all that a plugin registered.
method UnloadPlugin(name: string) -> ()

# Reads the configuration again. A bad one leaves the old one in force.
method Reload() -> (file: ?string)

# Asks the plugin that answers this question, such as 'network apply': what it takes and answers is the plugin's to say.
# With 'more' each reply but the last tells of the progress.
method Ask(question: string, parameters: ?object) -> (progress: ?string, answer: ?object)

type OperationName (ifup, ifdown)

type OperationProgress (
  interface: string,
  phase: string,
  step: ?string,
  stanza: ?string,
  message: ?string
)

# There are also 'not-configured', a name that this language does not have, so it is a string:
# configured, already, deconfigured, not-configured, unknown, needed, refused, failed.
type OperationResult (
  interface: string,
  logical: string,
  state: string,
  step: ?string,
  outcome: ?string,
  message: ?string,
  script: ?string,
  output: ?string,
  undone: ?[]string,
  warnings: ?[]string,
  neededBy: ?[]string,
  ms: float
)

type InterfaceState (down, configuring, configured, failed, deconfiguring)

type InterfaceStatus (
  interface: string,
  logical: string,
  classes: ?[]string,
  state: InterfaceState,
  since: int,
  explicit: bool,
  step: ?string,
  outcome: ?string,
  message: ?string,
  phase: ?string,
  waiting: ?int,
  stanzas: [](family: string, method: string, step: string, place: ?string),
  prerequisites: []string,
  neededBy: []string,
  leases: ?[]object
)

type OperationPath (
  operation: OperationName,
  interface: string,
  logical: string,
  state: InterfaceState,
  allowed: bool,
  reason: ?string,
  by: ?string,
  file: string,
  start: string,
  prerequisites: []string,
  steps: []PathStep,
  stanzas: [](family: string, method: string, step: string, place: ?string, options: []string),
  taps: [](hook: string, plugin: string, label: string, stage: int),
  replaced: [](script: string, plugin: string),
  transitions: [](from: string, on: string, to: string),
  notes: []string
)

type StepKind (source, work, missing)

type PathStep (
  step: string,
  kind: StepKind,
  parameters: [string]string,
  next: [string]string,
  retries: ?int,
  retryAfter: ?float
)

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
  xdp: ?object,
  qdisc: ?string,
  master: ?string,
  operstate: string,
  linkmode: ?string,
  group: ?string,
  txqlen: ?int,
  link_type: string,
  address: ?string,
  link_pointtopoint: ?bool,
  broadcast: ?string,
  permaddr: ?string,
  proto_down: ?bool,
  promiscuity: ?int,
  allmulti: ?int,
  min_mtu: ?int,
  max_mtu: ?int,
  linkinfo: ?LinkInfo,
  inet6_addr_gen_mode: ?string,
  num_tx_queues: ?int,
  num_rx_queues: ?int,
  gso_max_size: ?int,
  gso_max_segs: ?int,
  tso_max_size: ?int,
  tso_max_segs: ?int,
  gro_max_size: ?int,
  gso_ipv4_max_size: ?int,
  gro_ipv4_max_size: ?int,
  phys_port_name: ?string,
  phys_port_id: ?string,
  phys_switch_id: ?string,
  parentbus: ?string,
  parentdev: ?string,
  ifalias: ?string,
  altnames: ?[]string,
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
  xdp: ?object,
  qdisc: ?string,
  master: ?string,
  operstate: string,
  linkmode: ?string,
  group: ?string,
  txqlen: ?int,
  link_type: string,
  address: ?string,
  link_pointtopoint: ?bool,
  broadcast: ?string,
  permaddr: ?string,
  proto_down: ?bool,
  promiscuity: ?int,
  allmulti: ?int,
  min_mtu: ?int,
  max_mtu: ?int,
  inet6_addr_gen_mode: ?string,
  num_tx_queues: ?int,
  num_rx_queues: ?int,
  gso_max_size: ?int,
  gso_max_segs: ?int,
  tso_max_size: ?int,
  tso_max_segs: ?int,
  gro_max_size: ?int,
  gso_ipv4_max_size: ?int,
  gro_ipv4_max_size: ?int,
  phys_port_name: ?string,
  phys_port_id: ?string,
  phys_switch_id: ?string,
  parentbus: ?string,
  parentdev: ?string,
  ifalias: ?string,
  altnames: ?[]string,
  unknown: ?[string]string,
  addr_info: []AddressInfo
)

# Life times in seconds. There is also 'stable-privacy', a name that this language does not have.
type AddressInfo (
  family: string,
  local: string,
  address: ?string,
  prefixlen: int,
  broadcast: ?string,
  anycast: ?string,
  multicast: ?string,
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
  autojoin: ?bool,
  unknown: ?[string]string
)

type Via (
  family: string,
  host: string
)

type NextHop (
  gateway: ?string,
  via: ?Via,
  dev: ?string,
  weight: ?int,
  flags: []string,
  encap: ?string,
  flow: ?object
)

# As 'ip -j route show table all' has it, with the family.
type Route (
  family: string,
  type: ?string,
  dst: string,
  from: ?string,
  to: ?string,
  encap: ?string,
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
  mark: ?int,
  flow: ?object,
  metrics: ?[]object,
  iif: ?string,
  expires: ?int,
  error: ?int,
  ttl_propagate: ?bool,
  pref: ?string,
  nexthops: ?[]NextHop,
  unknown: ?[string]string
)

# As 'ip -j rule' has it, with the family. As there, flags such as 'not' are present with the value null, and
# 'goto' may be the string none.
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
  iif_detached: ?bool,
  oif: ?string,
  oif_detached: ?bool,
  l3mdev: ?bool,
  uid_start: ?int,
  uid_end: ?int,
  ipproto: ?string,
  sport: ?int,
  sport_start: ?int,
  sport_end: ?int,
  dport: ?int,
  dport_start: ?int,
  dport_end: ?int,
  tun_id: ?int,
  table: ?string,
  protocol: ?string,
  suppress_prefixlen: ?int,
  suppress_ifgroup: ?string,
  flow_from: ?string,
  flow_to: ?string,
  action: ?string,
  goto: ?int,
  unresolved: ?bool,
  nop: ?bool,
  unknown: ?[string]string
)

# As 'ip -j neighbour' has it; flags are present with the value null.
type Neighbour (
  dst: string,
  dev: string,
  lladdr: ?string,
  router: ?bool,
  proxy: ?bool,
  extern_learn: ?bool,
  offload: ?bool,
  state: []string,
  protocol: ?string,
  unknown: ?[string]string
)

${Object.entries(errorCodes)
  .map(([code, text]) => `# ${text}\nerror ${code} (message: string, hint: ?string)\n`)
  .join('\n')}`;
