import type { Option, Program } from './base/program.ts';

/** Options that netconfd shares with the programs that look at the same files without a daemon. */
export const configOption: Option = {
  name: 'config',
  value: 'FILE',
  help: 'configuration file, instead of the one in /etc/netconf',
  complete: 'file',
};

export const socketOption: Option = {
  name: 'socket',
  value: 'PATH',
  help: 'control socket (default: NETCONF_SOCKET, else /run/netconf/control for root)',
  complete: 'file',
};

export const hooksOption: Option = {
  name: 'hooks',
  value: 'DIR',
  many: true,
  help: 'hook directory, instead of /etc/netconf/hooks.d; may be repeated, the first wins',
  complete: 'directory',
};

export const pluginsOption: Option = {
  name: 'plugins',
  value: 'DIR',
  many: true,
  help: 'plugin directory, instead of /etc/netconf/plugins; may be repeated, the first wins',
  complete: 'directory',
};

export const policyOption: Option = {
  name: 'policy',
  value: 'DIR',
  many: true,
  help: 'directory of policies, instead of /etc/netconf/policy.d; may be repeated, the first wins',
  complete: 'directory',
};

/** netconfd: its command line, and what its manual page says. */
export const netconfd: Program = {
  name: 'netconfd',
  section: 8,
  help: 'network configuration daemon: kernel events to plugins and hook scripts',
  description: [
    'netconfd listens to the kernel and to its control socket, gives every occurrence a name and puts it on a bus. Plugins subscribe, decide and act; hook directories run the scripts of the administrator. It runs in the foreground and prints each event as one line, also when its output is no terminal.',
    'What ships with netconf is found relative to the program. A directory given by option replaces the one in /etc only; a missing directory is an empty one. Without a configuration file (an empty one is enough) nothing is brought up only because it is auto or allow-hotplug. Without root, netlink events can be seen all the same, and the control socket lies in $XDG_RUNTIME_DIR.',
  ],
  options: [
    configOption,
    { ...socketOption, help: 'control socket to make (default: /run/netconf/control for root)' },
    hooksOption,
    pluginsOption,
    policyOption,
    {
      name: 'methods',
      value: 'DIR',
      many: true,
      help: 'directory with methods in linux/, instead of /etc/netconf/methods; may be repeated, the first wins',
      complete: 'directory',
    },
    {
      name: 'netns',
      value: 'NAME',
      help: 'run in this network namespace, with the socket under /run/netconf/netns/NAME',
    },
    {
      name: 'receive-buffer',
      value: 'BYTES',
      help: 'size of the netlink receive buffer: how large a burst may be before events are lost',
    },
    { name: 'observe', help: 'change nothing on the machine: see, tell and run the hook scripts only' },
    { name: 'json', help: 'print events as lines of JSON' },
  ],
  exit: [
    { name: '0', help: 'ended by a signal, in order' },
    { name: '1', help: 'could not start, or had to end' },
    { name: '2', help: 'the command line was wrong' },
  ],
  environment: [
    { name: 'NETCONF_SOCKET', help: 'control socket, unless --socket is given' },
    { name: 'NO_COLOR', help: 'when set, no colours on a terminal' },
    {
      name: 'NODE_DEBUG',
      help: 'set to netconf:netlink, prints every message of the kernel; to netconf:notify, what systemd is told',
    },
    {
      name: 'NOTIFY_SOCKET, WATCHDOG_USEC',
      help: 'set by systemd: readiness, reloads, stopping and the watchdog are told (sd_notify(3))',
    },
  ],
  files: [
    {
      name: '/etc/netconf/netconf.yaml',
      help: 'configuration; else netconf.yml or netconf.json beside it',
    },
    { name: '/etc/netconf/plugins, /usr/lib/netconf/plugins', help: 'plugins; of one name the first wins' },
    {
      name: '/etc/netconf/hooks.d, /usr/lib/netconf/hooks.d',
      help: 'hook directories; of one name the first wins, a link to /dev/null masks',
    },
    {
      name: '/etc/netconf/policy.d, /usr/lib/netconf/policy.d',
      help: 'policies; of one name the first wins, a link to /dev/null masks',
    },
    { name: '/run/netconf/control', help: 'control socket' },
  ],
  seeAlso: [
    'netconf(8)',
    'netconf-interfaces(5)',
    'netconf-network(5)',
    'netconf-policy(5)',
    'netconf-conditions(5)',
    'netconf-hooks(7)',
    'netconf-plugins(7)',
    'netconf-methods(7)',
    'netconf-dhcp(7)',
    'netconf-resolv-conf(7)',
    'netconf-firewall(7)',
    'netconf-emitter(7)',
    'ip-monitor(8)',
    'run-parts(8)',
  ],
};
