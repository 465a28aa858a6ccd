import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventJson } from '../../../core/bus/event.ts';
import { root } from '../../imports.ts';
import { transfers } from '../../transfer.ts';
import { TwoSides } from '../../two-sides.ts';
import { until } from '../../until.ts';

process.once('exit', () => {
  if (keys !== undefined) rmSync(keys, { recursive: true, force: true });
});

let keys: string | undefined;

/** Self-signed certificates of server, client and stranger, which know each other by fingerprint. */
export function certificates(): string {
  if (keys !== undefined) return keys;
  const folder = mkdtempSync(join(tmpdir(), 'netconf-keys-'));
  keys = folder;
  for (const name of ['server', 'client', 'stranger']) {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const kind = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync('openssl', ['req', ...kind, '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
  }
  return folder;
}

function fingerprint(name: string): string {
  const words = ['x509', '-in', join(certificates(), `${name}.crt`), '-noout', '-fingerprint', '-sha256'];
  return execFileSync('openssl', words, { encoding: 'utf8' }).trim().split('=')[1]!;
}

/**
 * A host with a daemon and an OpenVPN server: `w0` of the host (10.5.0.2) leads to `s0` of the server (10.5.0.1), behind
 * which is 198.51.100.1, the rest of the world.
 */
export class VpnLab extends TwoSides {
  /**
   * @param configuration netconf.yaml
   * @param mounts shell lines that are run in the daemon's mount namespace before it starts
   */
  constructor(configuration = '', mounts = '') {
    super('vpn', mounts);
    this.ip('-n', this.serverNs, 'link', 'add', 's0', 'type', 'veth', 'peer', 'w0', 'netns', this.clientNs);
    for (const [namespace, link] of [
      [this.serverNs, 's0'],
      [this.clientNs, 'w0'],
      [this.serverNs, 'lo'],
      [this.clientNs, 'lo'],
    ] as const)
      this.ip('-n', namespace, 'link', 'set', link, 'up');
    this.ip('-n', this.serverNs, 'addr', 'add', '10.5.0.1/24', 'dev', 's0');
    this.ip('-n', this.serverNs, 'addr', 'add', '198.51.100.1/32', 'dev', 'lo');
    this.ip('-n', this.clientNs, 'addr', 'add', '10.5.0.2/24', 'dev', 'w0');
    this.ip('-n', this.clientNs, 'route', 'add', 'default', 'via', '10.5.0.1');
    mkdirSync(this.path('openvpn'));
    this.configure(configuration);
  }

  override policy(text: string, name = 'tun0'): void {
    super.policy(text, name);
  }

  /** `startat OpenVPN` with a client's configuration; `cfg` are more lines of its section. */
  vpn(cfg: readonly string[] = [], lines: readonly string[] = clientLines()): string {
    const config = this.config('work', lines);
    this.policy(`[IFUP]\nstartat OpenVPN\n[cfg OpenVPN]\nconfig ${config}\n${cfg.join('\n')}\n`);
    return config;
  }

  /** A configuration of OpenVPN. */
  config(name: string, lines: readonly string[]): string {
    const file = join(this.folder, 'openvpn', `${name}.conf`);
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    return file;
  }

  /** An operation in a process of its own, as ifup without a daemon: its state, outcome and message. */
  alone(request: 'ifup' | 'ifdown', dev = 'tun0'): (string | null)[] {
    const options = {
      socket: join(this.run, 'control'),
      config: join(this.folder, 'netconf.yaml'),
      policy: [join(this.folder, 'policy.d')],
      plugins: [join(root, 'dist/plugins')],
      methods: [join(root, 'dist/methods')],
    };
    const code = `
      import { standalone } from '${root}/core/standalone.ts';
      const netconf = await standalone(${JSON.stringify(options)});
      const [result] = await netconf.operate('${request}', { interface: '${dev}' });
      await netconf.close();
      console.log(JSON.stringify([result.state, result.outcome, result.message]));
      process.exit();`;
    const node = [process.execPath, '--import', `${root}/node_modules/tsx/dist/esm/index.mjs`];
    const words = ['netns', 'exec', this.clientNs, ...node, '--input-type=module', '-e', code];
    const output = execFileSync('ip', words, { cwd: root, encoding: 'utf8', timeout: 60_000 });
    return JSON.parse(output.trim().split('\n').at(-1)!) as (string | null)[];
  }

  /** An OpenVPN server, 10.7.0.1 within, with more options; ends when it is told to. */
  async server(...options: string[]): Promise<() => Promise<void>> {
    const folder = certificates();
    const words = ['--dev', 'vpns', '--dev-type', 'tun', '--port', '1195', '--proto', 'udp', '--dh', 'none'];
    words.push('--server', '10.7.0.0', '255.255.255.0', '--topology', 'subnet', '--keepalive', '1', '4');
    words.push('--cert', join(folder, 'server.crt'), '--key', join(folder, 'server.key'));
    words.push('--peer-fingerprint', fingerprint('client'), '--push', 'dhcp-option DNS 10.7.0.53');
    words.push('--push', 'dhcp-option DOMAIN vpn.example', '--push', 'route 10.99.0.0 255.255.0.0');
    const heard = this.output().length;
    const end = this.spawn(this.serverNs, 'openvpn', ...words, '--verb', '3', ...options);
    await until('the server', () => this.output().slice(heard).includes('Initialization Sequence Completed'));
    return end;
  }

  up(dev = 'tun0', parameters: object = {}) {
    return this.operate('Up', dev, parameters);
  }

  down(dev = 'tun0') {
    return this.operate('Down', dev);
  }

  /** Does a ping come back? */
  pings(address: string): boolean {
    try {
      this.inside('ping', '-c', '1', '-W', '1', address);
      return true;
    } catch {
      return false;
    }
  }

  /** Waits until a ping comes back: the machine may be busy. */
  async reaches(address: string): Promise<void> {
    await until(`a ping to ${address}`, () => this.pings(address), 30_000);
  }

  /** Counts, from now on, what comes to the server in the clear: all but the VPN's own packets, and IPv6's own. */
  countCleartext(): void {
    const rules = [
      'add table inet seen',
      'add chain inet seen in { type filter hook prerouting priority -300; }',
      'add rule inet seen in iifname s0 meta l4proto ipv6-icmp accept',
      'add rule inet seen in iifname s0 udp dport { 1195, 51820 } accept',
      'add rule inet seen in iifname s0 counter',
    ];
    this.outside('sh', '-c', `nft -f - <<'EOF'\n${rules.join('\n')}\nEOF`);
  }

  cleartext(): number {
    const counter = this.outside('nft', 'list', 'chain', 'inet', 'seen', 'in');
    return Number(/counter packets (\d+)/.exec(counter)![1]);
  }

  /** Sends a datagram from the host. */
  datagram(to: string, port: number, ...options: string[]): void {
    try {
      this.inside('sh', '-c', `echo x | socat -u - UDP:${[`${to}:${port}`, ...options].join()}`);
    } catch {
      // The kernel says that it may not be sent.
    }
  }

  /** Whether bytes sent by TCP come to the server as they were. */
  transfers(address: string): Promise<boolean> {
    return transfers(this.clientNs, this.serverNs, address);
  }

  /** Addresses of a link with their lengths; undefined when there is no such link. */
  addresses(dev = 'tun0'): string[] | undefined {
    try {
      return this.addressesOf(dev, 4).concat(this.addressesOf(dev, 6));
    } catch {
      return undefined;
    }
  }

  /** What netconf added: routes and rules, of both families. */
  ways(): string[] {
    const lines = ['-4', '-6'].flatMap(family => [
      ...this.ip('-n', this.clientNs, '-N', family, 'route', 'show', 'table', 'all', 'proto', '110').split(
        '\n',
      ),
      ...this.ip('-n', this.clientNs, '-N', family, 'rule', 'show').split('\n'),
    ]);
    return lines
      .filter(line => !/^$|^(0|32766|32767):/.test(line))
      .map(line =>
        line
          .replace(/ (proto 110|metric 1024|pref medium|scope 253|linkdown)/g, '')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      );
  }

  override processes(word = 'openvpn'): number[] {
    return super.processes(word);
  }

  /** Files that the plugin keeps. */
  kept(): string[] {
    const folder = join(this.run, 'openvpn');
    return existsSync(folder) ? readdirSync(folder).filter(name => !name.startsWith('.')) : [];
  }

  names(): string[] {
    return this.events.filter(({ name }) => name.startsWith('vpn.')).map(({ name }) => name);
  }

  /** The first event of this name since `after`, an index into `events`. */
  event(name: string, after = 0, ms?: number): Promise<EventJson> {
    return this.comes(name, after, () => true, ms);
  }

  /** The end of what OpenVPN has printed on the host's side. */
  override logs(): string {
    return this.kept()
      .filter(name => name.endsWith('.log'))
      .map(name => readFileSync(join(this.run, 'openvpn', name), 'utf8').slice(-20_000))
      .join('\n');
  }
}

/** The client's configuration; `who` has another certificate, `knows` another fingerprint of the server. */
export function clientLines({ who = 'client', knows = 'server' } = {}): string[] {
  const folder = certificates();
  const files = [`cert ${join(folder, `${who}.crt`)}`, `key ${join(folder, `${who}.key`)}`];
  const way = ['client', 'dev tun', 'nobind', 'remote 10.5.0.1 1195 udp', 'connect-retry 1 2'];
  return [...way, ...files, `peer-fingerprint ${fingerprint(knows)}`];
}
