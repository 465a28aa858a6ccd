import { existsSync } from 'node:fs';
import type { Netconf } from 'netconf/plugin';

/** A method of a service on the bus. */
export interface Method {
  destination: string;
  path: string;
  interface: string;
  member: string;
}

/** `s`, `as`, `b`: what is emitted needs no more. */
export type Argument = string | readonly string[] | boolean;

/**
 * `gone`: the bus, or whoever owned the name, is not there. `refused`: the service answered with an error, or nothing in
 * time.
 */
export type Answer = { ok: true; text: string } | { ok: false; kind: 'gone' | 'refused'; text: string };

/** Programs that make one call on a bus: that of systemd, and that of GLib for machines without it. */
const clients = ['/usr/bin/busctl', '/usr/bin/gdbus'] as const;

/** Seconds that a service may take to answer. */
const patience = 5;

/**
 * Calls on a D-Bus bus, each by a program of its own: what a bus sends is parsed outside the daemon.
 * See docs/decisions/d-bus.md.
 */
export class Bus {
  readonly #run: Netconf['run'];
  readonly #address: string;
  readonly #client: string | undefined;

  /** @param address as the D-Bus specification has it: `unix:path=/run/dbus/system_bus_socket` */
  constructor(run: Netconf['run'], address: string, client = clients.find(path => existsSync(path))) {
    this.#run = run;
    this.#address = address;
    this.#client = client;
  }

  /** A sentence that says what is missing; undefined where calls can be made. */
  get missing(): string | undefined {
    if (this.#client !== undefined) return undefined;
    return 'neither busctl (package systemd) nor gdbus (package libglib2.0-bin) is installed';
  }

  /** Never rejects. */
  async call(method: Method, signature: string, ...values: Argument[]): Promise<Answer> {
    if (this.#client === undefined) return { ok: false, kind: 'gone', text: this.missing! };
    const argv = this.#client.endsWith('gdbus')
      ? gdbusLine(this.#address, method, values)
      : busctlLine(this.#address, method, signature, values);
    const run = await this.#run({ path: this.#client, argv, environment: {}, deadline: patience + 2 });
    const text = run.error ?? run.output.trim();
    if (run.status === 0) return { ok: true, text };
    return {
      ok: false,
      kind: isGone(text) ? 'gone' : 'refused',
      text: text.split('\n').at(-1)!.slice(0, 500),
    };
  }

  /** Does somebody own this name? Undefined where there is no bus to ask. */
  async hasOwner(name: string): Promise<boolean | undefined> {
    const answer = await this.call(nameHasOwner, 's', name);
    return answer.ok ? /\btrue\b/.test(answer.text) : undefined;
  }
}

const nameHasOwner: Method = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
  member: 'NameHasOwner',
};

function busctlLine(
  address: string,
  method: Method,
  signature: string,
  values: readonly Argument[],
): string[] {
  const { destination, path, interface: face, member } = method;
  const options = ['--auto-start=no', '--allow-interactive-authorization=no', `--timeout=${patience}`];
  const words = values.flatMap(value =>
    typeof value === 'object' ? [String(value.length), ...value] : [String(value)],
  );
  return [
    `--address=${address}`,
    ...options,
    '--',
    'call',
    destination,
    path,
    face,
    member,
    signature,
    ...words,
  ];
}

function gdbusLine(address: string, method: Method, values: readonly Argument[]): string[] {
  const { destination, path, interface: face, member } = method;
  const where = ['--address', address, '--dest', destination, '--object-path', path];
  // GVariant's text format reads strings as JSON writes them, and needs to be told what an empty list is of.
  const words = values.map(value =>
    typeof value === 'object'
      ? `@as [${value.map(one => JSON.stringify(one)).join(', ')}]`
      : JSON.stringify(value),
  );
  return ['call', ...where, '--method', `${face}.${member}`, '--timeout', String(patience), '--', ...words];
}

/** In the words of libsystemd, GLib and dbus-daemon. */
function isGone(text: string): boolean {
  return /to connect|not connect|error connecting|transport endpoint|ServiceUnknown|NameHasNoOwner|was not provided by any|does not exist|not have an owner|is not activatable/i.test(
    text,
  );
}
