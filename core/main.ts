import { accessSync, constants, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import type { Choice } from './base/choice.ts';
import { parseCommandLine } from './base/command-line.ts';
import { messageOf, NetconfError } from './base/errors.ts';
import { execute } from './base/libc/execute.ts';
import { LineWriter } from './base/line-writer.ts';
import { log } from './base/log.ts';
import { hasColours } from './base/terminal.ts';
import { version } from './base/version.ts';
import type { Bus } from './bus/bus.ts';
import { formatEvent } from './bus/format.ts';
import { loadConfiguration } from './config/load.ts';
import { defaultSocket } from './control/path.ts';
import { Daemon, type DaemonOptions } from './daemon.ts';
import { netconfd } from './options.ts';

void main(process.argv.slice(2));

async function main(argv: string[]): Promise<void> {
  const choice = await parseCommandLine(netconfd, argv, version);
  if (typeof choice === 'number') return process.exit(choice);
  const say = log('netconfd');
  process.on('uncaughtException', error =>
    say.error(`a fault that nobody caught: ${error?.stack ?? messageOf(error)}`),
  );
  process.on('unhandledRejection', error => say.error(`a promise that nobody awaited: ${messageOf(error)}`));
  try {
    const netns = choice.value('netns');
    if (netns !== undefined) enterNetns(netns, argv, choice.value('socket'));
    await run(choice);
  } catch (error) {
    say.error(messageOf(error));
    if (error instanceof NetconfError && error.hint !== undefined) say.info(error.hint);
    process.exit(1);
  }
}

async function run(choice: Choice): Promise<void> {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  const options = {
    config: absolute(choice.value('config')),
    socket: absolute(choice.value('socket') ?? (process.env.NETCONF_SOCKET || undefined)),
    hooks: choice.values('hooks').map(path => resolve(path)),
    plugins: choice.values('plugins').map(path => resolve(path)),
    policy: choice.values('policy').map(path => resolve(path)),
    methods: choice.values('methods').map(path => resolve(path)),
    receiveBuffer: bytes(choice.value('receive-buffer')),
    observe: choice.flag('observe'),
  };
  process.chdir('/');
  const daemon = new Daemon(options, await loadConfiguration(options.config));
  const printer = print(daemon.bus, choice.flag('json'));
  const stop = (signal: NodeJS.Signals) =>
    daemon.stop(signal).finally(() => {
      printer.end();
      process.exit(0);
    });
  process.on('SIGTERM', stop).on('SIGINT', stop);
  process.on('SIGHUP', () => daemon.reload().catch(() => undefined));
  printer.hold();
  await daemon.start();
  printer.release();
  welcome(daemon.socket, options);
}

/** One line an event on standard output; its reader may be slow, stuck or gone. */
function print(bus: Bus, json: boolean): LineWriter {
  const missed = (count: number) =>
    json ? JSON.stringify({ lost: count }) : `… ${count} events more, too fast to print`;
  const writer = new LineWriter(1, missed);
  const colour = hasColours({ isTTY: isatty(1) });
  bus.observe(event => writer.write(() => (json ? event.line : formatEvent(event.toJSON(), { colour }))));
  return writer;
}

function welcome(socket: string, { observe, hooks, plugins }: DaemonOptions): void {
  const program = process.argv[1] ?? 'netconfd';
  const client = program.endsWith('netconfd.cjs')
    ? `node ${program.replace(/netconfd\.cjs$/, 'netconf.cjs')}`
    : 'netconf';
  const netconf = socket === defaultSocket() ? client : `${client} --socket ${socket}`;
  const say = log();
  say.notice(
    `netconfd ${version} ${observe ? 'observes: it changes nothing on this machine' : 'runs'}. Control socket: ${socket}`,
  );
  if (!isatty(2) && !observe) return;
  say.notice(`  events as they happen   ${netconf} monitor`);
  say.notice(`  links and addresses     ${netconf} status`);
  say.notice(`  an event of your own    ${netconf} emit home-lan-connected SSID=home`);
  say.notice(`  what ran, and why not   ${netconf} history; ${netconf} explain link.carrier`);
  const [hookDirectory = '/etc/netconf/hooks.d'] = hooks;
  say.notice(
    `  a hook script           executable, in ${hookDirectory}/ or ${hookDirectory}/link.carrier.d/`,
  );
  const [pluginDirectory = '/etc/netconf/plugins'] = plugins;
  say.notice(`  a plugin                ${pluginDirectory}/NAME.mjs, then: ${netconf} plugin load NAME`);
  if (process.getuid?.() !== 0)
    say.notice('  directories of your own start it with --hooks DIR --plugins DIR');
}

function bytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 4096 && value <= 2 ** 30) return value;
  throw new NetconfError(
    'BadConfiguration',
    `--receive-buffer ${text}: a number of bytes from 4096 to 1073741824 was expected`,
  );
}

/** Becomes this program once more, in the network namespace, with a socket of its own. */
function enterNetns(name: string, argv: readonly string[], socket: string | undefined): never {
  if (!/^[^/\0]{1,255}$/.test(name) || name === '.' || name === '..') {
    throw new NetconfError('BadConfiguration', `--netns ${name}: not the name of a network namespace`);
  }
  // NETNS_RUN_DIR of iproute2, where `ip netns exec` looks.
  if (!existsSync(`/var/run/netns/${name}`)) {
    throw new NetconfError('BadConfiguration', `--netns ${name}: there is no such network namespace`, {
      hint: "'ip netns list' lists them, 'ip netns add' makes one",
    });
  }
  const at = argv.findIndex(word => word === '--netns' || word.startsWith('--netns='));
  const rest = argv.toSpliced(at, argv[at] === '--netns' ? 2 : 1);
  const own = socket ?? (process.env.NETCONF_SOCKET || `/run/netconf/netns/${name}/control`);
  const line = [
    'netns',
    'exec',
    name,
    process.execPath,
    ...process.execArgv,
    process.argv[1]!,
    ...rest,
    '--socket',
    own,
  ];
  execute(programPath('ip'), ['ip', ...line], process.env);
}

function programPath(program: string): string {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  for (const directory of directories.filter(path => path.startsWith('/'))) {
    try {
      const path = join(directory, program);
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  throw new NetconfError('SystemCall', `${program}: no such program`, { hint: 'install iproute2' });
}
