// Longer than other files: it is the whole of what the programs' command lines, manuals and completion say.
import type { Argument, Command, Option, Program, Term } from '../core/base/program.ts';
import {
  configOption,
  hooksOption,
  netconfd,
  pluginsOption,
  policyOption,
  socketOption,
} from '../core/options.ts';

const json: Option = { name: 'json', help: 'print JSON' };

const interfaces: Option = {
  name: 'interface',
  value: 'IF',
  many: true,
  help: 'only events of this interface; may be repeated',
  complete: 'interface',
};

const onInterface: Option = {
  name: 'interface',
  value: 'IF',
  help: 'interface that the event is about',
  complete: 'interface',
};

const names: Argument = {
  name: 'NAME',
  help: 'event name (link.carrier) or glob (link.*); all events without it',
  optional: true,
  many: true,
  complete: 'event',
};

const event: Argument = { name: 'EVENT', help: 'event name, such as link.carrier', complete: 'event' };

const data: Argument = {
  name: 'KEY=VALUE',
  help: 'data of the event: KEY=VALUE is text, KEY:=JSON a typed value',
  optional: true,
  many: true,
};

const plugin: Argument = {
  name: 'NAME',
  help: 'name of a plugin in the plugin directories',
  complete: 'plugin',
};

const networkFile: Argument = {
  name: 'FILE',
  help: 'a network file (default: /etc/netconf/network.conf)',
  optional: true,
  complete: 'file',
};

const commands: readonly Command[] = [
  {
    name: 'status',
    help: 'show links, addresses, default routes and the daemon',
    description: [
      'With --json everything that the daemon mirrors: links, addresses, routes and rules with the field names of ip -j, and the counters of the daemon.',
    ],
    options: [json],
    examples: [{ name: "netconf status --json | jq '.links[].ifname'", help: 'names of all links' }],
  },
  {
    name: 'monitor',
    help: 'print events as they happen, one a line',
    description: [
      'With --json each line is an event. Where this program is too slow for the events, it is told how many were lost, and says so.',
    ],
    arguments: [names],
    options: [
      interfaces,
      { name: 'replay', help: 'begin with the links, addresses and default routes that exist already' },
      { ...json, help: 'print events as lines of JSON' },
    ],
    examples: [
      { name: "netconf monitor 'link.*' --interface eth0", help: 'what happens to one link' },
      { name: 'netconf monitor --json link.carrier | head -1', help: 'wait for a carrier' },
    ],
  },
  {
    name: 'emit',
    help: 'emit an event of your own',
    description: [
      'Plugins see it and hook scripts run for it. Names of the families of netconf and its plugins (link, dhcp, wifi…) are refused. With --wait the scripts are waited for and their outcome is shown.',
    ],
    arguments: [{ ...event, help: 'event name, such as home-lan-connected' }, data],
    options: [
      onInterface,
      { name: 'wait', help: 'wait for the hook scripts; the exit status is 1 if one failed' },
      json,
    ],
    examples: [
      {
        name: 'netconf emit home-lan-connected SSID=home --interface wlan0 --wait',
        help: 'emit an event, and wait for its scripts',
      },
    ],
  },
  {
    name: 'history',
    help: 'show past events and what their hook scripts came to',
    description: [
      'The oldest first. Events of routes and neighbours are kept apart: --storm shows them too.',
    ],
    arguments: [names],
    options: [
      { name: 'failed', help: 'only events with a script that failed, timed out or was refused' },
      interfaces,
      { name: 'limit', value: 'N', help: 'the latest so many (default: 100)' },
      { name: 'id', value: 'N', help: 'only the event of this id, with all the output of its scripts' },
      { name: 'storm', help: 'also events of routes and neighbours' },
      json,
    ],
    examples: [{ name: 'netconf history --failed', help: 'what went wrong' }],
  },
  {
    name: 'explain',
    help: 'show what would happen on an event, or which path an operation would take',
    description: [
      'Of an event: listeners and taps of plugins, and hook scripts, in order, and why the rest would not run.',
      'Of ifup IF and ifdown IF: the file of the policy, whether the request is allowed and which line says so, what is brought up first, the steps with their parameters, and where each outcome leads. Nothing is run.',
    ],
    arguments: [{ ...event, help: 'event name, such as link.carrier; or ifup IF, or ifdown IF' }, data],
    options: [
      onInterface,
      {
        name: 'as',
        value: 'USER',
        help: 'whose request for ifup or ifdown it would be: name or number; yours without it',
      },
      json,
    ],
    examples: [
      { name: 'netconf explain link.carrier --interface eth0', help: 'who reacts to a carrier' },
      { name: 'netconf explain ifup eth0 --as alice', help: 'what alice may, and what would follow' },
    ],
  },
  {
    name: 'hook',
    help: 'work with hook scripts',
    commands: [
      {
        name: 'test',
        help: 'run the hook scripts alone with a made-up event; needs no daemon',
        description: ['The output of each script and what it came to is shown. Plugins see nothing of it.'],
        arguments: [event, data],
        options: [{ ...onInterface, help: 'interface that the made-up event is about' }, hooksOption, json],
        examples: [
          {
            name: 'netconf hook test link.carrier --interface eth0',
            help: 'try the scripts of link.carrier.d',
          },
        ],
      },
    ],
  },
  {
    name: 'network',
    help: 'work with the network file, netconf-network(5)',
    commands: [
      {
        name: 'check',
        help: 'tell all that is wrong with the network file; needs no daemon',
        description: [
          'Each mistake with file, line, column, its line, and what was meant. Without FILE the file that netconfd reads, with all that lies in its directory.',
        ],
        arguments: [networkFile],
        options: [configOption, json],
      },
      {
        name: 'format',
        help: 'print a network file in its usual form; needs no daemon',
        description: ['Comments stay. FILE may be - for standard input.'],
        arguments: [networkFile],
        options: [
          { name: 'write', help: 'write it back instead' },
          {
            name: 'check',
            help: 'print nothing; the exit status is 1 where the file is not in its usual form',
          },
          configOption,
        ],
      },
      {
        name: 'show',
        help: 'show what the network file comes to, defaults worked out; needs no daemon',
        arguments: [networkFile],
        options: [configOption, json],
      },
      {
        name: 'import',
        help: 'write a network file from interfaces(5), or from what the kernel has; needs no daemon',
        description: [
          'It is printed, or with --write put to FILE, or where netconfd looks for it, unless there is one. What it cannot say stands in comments, and on standard error.',
        ],
        arguments: [{ ...networkFile, help: 'network file to write (default: /etc/netconf/network.conf)' }],
        options: [
          {
            name: 'from',
            value: 'SOURCE',
            help: 'what it is made from: interfaces or kernel (default: interfaces)',
            complete: ['interfaces', 'kernel'],
          },
          {
            name: 'file',
            value: 'FILE',
            help: 'file of interfaces(5) that it is made from (default: /etc/network/interfaces)',
            complete: 'file',
          },
          { name: 'write', help: 'write the file' },
          configOption,
        ],
      },
      {
        name: 'diff',
        help: 'compare the network file with what the kernel has; needs no daemon',
        description: ['The exit status is 1 where they differ. Interfaces that come and go are not missed.'],
        arguments: [networkFile],
        options: [configOption, json],
      },
      {
        name: 'apply',
        help: 'bring the network file into force, with the least changes',
        description: [
          'What is not declared any more is taken down, what is declared otherwise is changed in place, what is new is configured, one after the other. Where one fails, all of it is undone. A file with an error changes nothing.',
          'With --confirm all of it, and the file itself, goes back after so many seconds, unless netconf network confirm is said until then: also when the connection is cut, netconfd is killed, or the machine is started anew. What was on trial is kept as FILE.unconfirmed.',
        ],
        options: [
          {
            name: 'confirm',
            value: 'SECONDS',
            help: 'go back unless it is confirmed within so many seconds',
          },
          json,
        ],
        examples: [
          { name: 'netconf network apply --confirm 60', help: 'for who sits behind the link that changes' },
        ],
      },
      {
        name: 'confirm',
        help: 'keep what apply --confirm has brought into force',
        options: [json],
      },
    ],
  },
  {
    name: 'firewall',
    help: 'see, check and put in force the rules of the firewall, netconf-firewall(7)',
    description: [
      'What the daemon has in force counts, or, where none runs or --config names a configuration, what a daemon would read.',
    ],
    commands: [
      {
        name: 'show',
        help: 'show networks and rules in words, where each stands, and what is wrong with them',
        options: [configOption, json],
      },
      {
        name: 'check',
        help: 'would netconf, and the kernel, take the rules? Changes nothing',
        options: [configOption, json],
      },
      {
        name: 'trace',
        help: 'tell in words which rules decide about a connection',
        description: [
          'FROM and TO are addresses, names of networks (one of their hosts is taken), or self, this host. The exit status is 1 where it is not let through.',
        ],
        arguments: [
          { name: 'FROM', help: 'who begins it' },
          { name: 'TO', help: 'whom it is for' },
          { name: 'PORT', help: 'number, or name of services(5)', optional: true },
        ],
        options: [
          { name: 'protocol', value: 'PROTOCOL', help: 'protocol: tcp, udp, icmp… (default: tcp)' },
          configOption,
          json,
        ],
        examples: [
          { name: 'netconf firewall trace internal 198.51.100.80 www', help: 'what becomes of it, and why' },
          { name: 'netconf firewall trace untrusted self --protocol icmp', help: 'may they ping this host?' },
        ],
      },
      {
        name: 'apply',
        help: 'put the rules in force now: before the network, where no daemon runs yet',
        options: [configOption, json],
      },
    ],
  },
  {
    name: 'plugins',
    help: 'show the plugins, what they registered and how often they failed',
    options: [json],
  },
  {
    name: 'plugin',
    help: 'load and unload plugins',
    commands: [
      {
        name: 'load',
        help: 'load a plugin from the plugin directories',
        arguments: [plugin],
        options: [json],
      },
      {
        name: 'unload',
        help: 'take back everything that a plugin registered',
        arguments: [plugin],
        options: [json],
      },
    ],
  },
  {
    name: 'run-parts',
    help: 'run the scripts of a directory, as run-parts(8) of debianutils does; needs no daemon',
    description: ['It agrees with run-parts(8) in what it selects, runs, prints and exits with.'],
    verbatim: true,
    arguments: [{ name: 'DIR', help: 'directory of scripts', complete: 'directory' }],
    options: [
      { name: 'test', help: 'print the names of the scripts that would be run' },
      { name: 'list', help: 'print the names of all files with a valid name' },
      { name: 'verbose', short: 'v', help: 'print the name of each script before it runs' },
      { name: 'debug', help: 'print the name of each file while it is looked at' },
      { name: 'report', help: 'as --verbose, but only for scripts that print something' },
      { name: 'reverse', help: 'run in reverse order' },
      { name: 'exit-on-error', help: 'end after the first script that fails' },
      { name: 'stdin', help: 'give each script a copy of the standard input' },
      { name: 'new-session', help: 'run each script in a session of its own' },
      { name: 'regex', value: 'RE', help: 'names of scripts match this extended regular expression' },
      { name: 'lsbsysinit', help: 'names of scripts are those of the LSB' },
      {
        name: 'arg',
        short: 'a',
        value: 'ARG',
        many: true,
        help: 'argument for the scripts; may be repeated',
      },
      { name: 'umask', short: 'u', value: 'UMASK', help: 'umask of the scripts, octal (default: 022)' },
    ],
  },
  {
    name: 'wait-online',
    help: 'wait until the network is configured and ready',
    description: [
      'Waits for the interfaces named, or else for all that are declared auto, but for the loopback: each must be configured, and where it is given addresses have a carrier and, for each family, an address that is past duplicate address detection. Where no interface is auto there is nothing to wait for. A daemon that does not answer yet is waited for too.',
      'The exit status is 0 when the network is ready, 1 when it was not ready in time (what is missing is shown), and 3 when no daemon answered in time.',
    ],
    options: [
      { ...interfaces, help: 'wait for this interface; may be repeated' },
      { name: 'any', help: 'one interface that is ready is enough' },
      { name: 'timeout', value: 'SECONDS', help: 'wait so long; 0 looks once (default: 120)' },
    ],
    examples: [
      { name: 'netconf wait-online --interface eth0 --timeout 30', help: 'wait for one interface' },
      { name: 'netconf wait-online --any --timeout 0', help: 'is any interface ready now?' },
    ],
  },
  {
    name: 'reload',
    help: 'make the daemon read its configuration again',
    description: ['A configuration with an error leaves the old one in force; the error is shown.'],
    options: [json],
  },
  {
    name: 'check',
    help: 'check configuration, hook directories, plugins, policies, interfaces(5), conditions and the network file; needs no daemon',
    description: ['Errors are shown with file, line and column. Plugins are loaded, but not applied.'],
    options: [configOption, hooksOption, pluginsOption, policyOption, json],
  },
  {
    name: 'completion',
    help: 'print the completion of netconf and netconfd for a shell',
    arguments: [
      { name: 'SHELL', help: 'name of the shell: bash, zsh or fish', complete: ['bash', 'zsh', 'fish'] },
    ],
    examples: [
      { name: '. <(netconf completion bash)', help: 'complete in this bash' },
      { name: 'netconf completion fish > ~/.config/fish/completions/netconf.fish', help: 'in every fish' },
    ],
  },
];

/** Statuses that netconf exits with; `cli/failure.ts` maps errors to them. */
const exit: readonly Term[] = [
  { name: '0', help: 'success' },
  {
    name: '1',
    help: 'what was asked for failed: a script with --wait, a check, a network that was not ready in time',
  },
  { name: '2', help: 'the command line was wrong' },
  { name: '3', help: 'no daemon answers' },
  { name: '4', help: 'not permitted' },
  { name: '5', help: 'any other error' },
];

/** netconf: its commands, and what its manual page says. */
export const netconf: Program = {
  name: 'netconf',
  section: 8,
  help: 'see and steer network configuration: events, plugins, hook scripts',
  description: [
    'netconf talks to netconfd(8) over its control socket. The commands hook test, run-parts, check, completion, those of firewall, and those of network but apply and confirm need no daemon.',
  ],
  options: [socketOption],
  commands,
  exit,
  environment: [
    { name: 'NETCONF_SOCKET', help: 'control socket, unless --socket is given' },
    { name: 'NO_COLOR', help: 'when set, no colours on a terminal' },
  ],
  files: [
    { name: '/run/netconf/control', help: 'control socket of the daemon of root' },
    { name: '$XDG_RUNTIME_DIR/netconf/control', help: 'control socket of a daemon without root' },
    { name: '/etc/netconf/hooks.d, /usr/lib/netconf/hooks.d', help: 'hook directories' },
    { name: '/etc/netconf/plugins, /usr/lib/netconf/plugins', help: 'plugins' },
    { name: '/etc/netconf/policy.d, /usr/lib/netconf/policy.d', help: 'policies' },
  ],
  seeAlso: [
    'netconfd(8)',
    'netconf-policy(5)',
    'netconf-network(5)',
    'netconf-firewall(7)',
    'netconf-hooks(7)',
    'netconf-plugins(7)',
    'ip(8)',
    'run-parts(8)',
  ],
};

/** Every program, in the order of the manual. */
export const programs: readonly Program[] = [netconf, netconfd];
