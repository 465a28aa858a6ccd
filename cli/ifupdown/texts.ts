import { version } from '../../core/base/version.ts';
import type { Command } from './command.ts';

/** `--help`, in ifupdown's words, with netconf's own options below. */
export function helpText(command: Command): string[] {
  const asks = command === 'ifquery';
  return [
    `Usage: ${command} <options> <ifaces...>`,
    ...(asks ? [`       ${command} <options> --list`, `       ${command} --state <ifaces...>`] : []),
    '',
    'Options:',
    ...rows([
      ['-h, --help', 'this help'],
      ['-V, --version', 'copyright and version information'],
      ['-a, --all', 'process all interfaces marked "auto"'],
      ['--allow CLASS', 'ignore non-"allow-CLASS" interfaces'],
      ['-i, --interfaces FILE', 'use FILE for interface definitions'],
      ['--state-dir DIR', 'use DIR to store state information'],
      [
        '-X, --exclude PATTERN',
        'exclude interfaces from the list of',
        'interfaces to operate on by a PATTERN',
      ],
      ...(asks ? [] : [noAct]),
      ['-v, --verbose', 'print out what would happen before doing it'],
      ['-o OPTION=VALUE', 'set OPTION to VALUE as though it were in', '/etc/network/interfaces'],
      ['--no-mappings', "don't run any mappings"],
      ['--no-scripts', "don't run any hook scripts"],
      ['--no-loopback', "don't act specially on the loopback device"],
      ...(asks
        ? [
            ['--list', 'list all matching known interfaces'],
            ['--state', 'show the state of specified interfaces'],
          ]
        : [
            ['-f, --force', 'force de/configuration'],
            ['--ignore-errors', 'ignore errors'],
          ]),
      ['--dialect DIALECT', 'what FILE is written in: debian, or ng for', 'ifupdown-ng and ifupdown2'],
      ['--socket PATH', 'the control socket of netconfd'],
      ...(asks ? [] : [standalone, config]),
    ]),
  ];
}

const noAct = [
  '-n, --no-act',
  "print out what would happen, but don't do it",
  "(note that this option doesn't disable mappings)",
];
const standalone = ['--standalone', 'do it in this process, without netconfd'];

const config = ['--config FILE', 'the configuration of netconf, where no', 'netconfd runs'];

function rows(options: readonly (readonly string[])[]): string[] {
  return options.flatMap(([name = '', ...lines]) =>
    lines.map((line, index) => `\t${(index === 0 ? name : '').padEnd(22)} ${line}`),
  );
}

export function versionText(command: Command): string[] {
  return [`${command} version ${version} (netconf), which agrees with that of ifupdown 0.8.41`];
}
