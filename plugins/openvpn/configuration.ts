import { basename } from 'node:path';
import { readText } from '../../core/base/text/read-text.ts';
import type { Trust } from '../../core/base/trust.ts';

/** What netconf has to know of an OpenVPN configuration file; the rest is OpenVPN's, and its mistakes are for it to name. */
export interface Configuration {
  path: string;
  /** `work` of `/etc/openvpn/work.conf`. */
  name: string;
  /** What `dev` says: `tun`, `tap`, or the name of a device. */
  device?: string;
  kind: 'tun' | 'tap';
  /** The default route leads through the tunnel, whatever the server says. */
  redirect: boolean;
  /** The server's word on routes does not count: `route-nopull`, or a `pull-filter` for redirect-gateway. */
  keepsGateway: boolean;
}

/** Bytes: certificates stand in such files, and sometimes long lists of routes. */
const largest = 4 * 1_048_576;

/** Reads a configuration file. Throws a sentence that begins with the file's path, and its line where one is meant. */
export function readConfiguration(path: string, trust: (path: string) => Trust): Configuration {
  const read = readText(path, trust, largest);
  if ('problem' in read) throw new Error(`${path}: ${read.problem.message}`);
  const found: Configuration = {
    path,
    name: basename(path).replace(/\.(conf|ovpn|cfg)$/, ''),
    kind: 'tun',
    redirect: false,
    keepsGateway: false,
  };
  let type: string | undefined;
  for (const { words, line } of directives(read.text)) {
    const [name, first = '', second = ''] = words;
    if (name === 'dev') {
      if (!isDevice(first)) throw new Error(`${path}:${line}: dev ${quoted(first)}: no name of a device`);
      found.device = first;
    } else if (name === 'dev-type') {
      if (first !== 'tun' && first !== 'tap')
        throw new Error(`${path}:${line}: dev-type ${quoted(first)}: neither tun nor tap`);
      type = first;
    } else if (name === 'redirect-gateway' || name === 'redirect-private') {
      found.redirect ||= name === 'redirect-gateway';
    } else if (name === 'route-nopull') found.keepsGateway = true;
    else if (name === 'pull-filter' && first !== 'accept' && /^redirect/.test(second))
      found.keepsGateway = true;
    else if (name === 'server' || (name === 'mode' && first === 'server'))
      throw new Error(`${path}:${line}: ${name}: a server; netconf brings up clients and peers`);
  }
  const named = /^(tun|tap)/.exec(found.device ?? '')?.[1];
  return { ...found, kind: (type ?? named ?? 'tun') === 'tap' ? 'tap' : 'tun' };
}

/** Device names that can stand in paths, and in lines of `ip -batch`. */
export function isDevice(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(name);
}

/** Lines without comments and without the blocks of `<ca>` and its like. */
function* directives(text: string): Generator<{ words: string[]; line: number }> {
  let block: string | undefined;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (block !== undefined) {
      if (line === `</${block}>`) block = undefined;
      continue;
    }
    block = /^<([a-z0-9-]+)>$/.exec(line)?.[1];
    // What stands in <connection> is about the way to the peer.
    if (block !== undefined || line === '' || /^[#;]/.test(line)) continue;
    const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|([^\s"'#;][^\s]*)/g)].map(
      ([, double, single, plain]) => double ?? single ?? plain ?? '',
    );
    if (words.length > 0) yield { words: [words[0]!.replace(/^--/, ''), ...words.slice(1)], line: at + 1 };
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
