import {
  expectedMore,
  interfaceNotFound,
  invalidParameter,
  methodNotFound,
  methodNotImplemented,
} from './error.ts';
import type { CallMessage } from './message.ts';

/** One call at work. */
export interface Call<Peer> extends CallMessage {
  readonly peer: Peer;
  readonly replies: Replies;
}

/** Where the replies of a call with `more` go before its last one. */
export interface Replies {
  /** Aborted when the connection is gone; what is written then goes nowhere. */
  readonly signal: AbortSignal;
  /** Bytes that the peer has not taken yet. */
  readonly unsent: number;
  /** Sends one reply that is not the last. @param json its parameters, already serialised */
  write(json: string): void;
  /** Sends text that is whole messages already, NULs and `continues` included. */
  writeRaw(messages: string): void;
  /** Resolves when the peer has taken all but a little, or is gone. */
  drained(): Promise<void>;
  /** Says that the call ends only with the connection: nothing pipelined behind it will be answered. */
  endless(): void;
}

/** Does a call and returns the parameters of its (last) reply. A {@link VarlinkError} it throws is the reply. */
export type Method<Peer> = (call: Call<Peer>) => Promise<object> | object;

export interface Interface<Peer> {
  /** `io.netconf` */
  name: string;
  /** The interface description in Varlink's own language. */
  description: string;
  methods: ReadonlyMap<string, Method<Peer>>;
}

/** What `GetInfo` says. */
export interface Info {
  vendor: string;
  product: string;
  version: string;
  url: string;
}

/** Finds the method of a call among interfaces and adds `org.varlink.service`: the part every service has. */
export class Service<Peer> {
  readonly #interfaces: ReadonlyMap<string, Interface<Peer>>;

  constructor(info: Info, interfaces: readonly Interface<Peer>[]) {
    const all: Map<string, Interface<Peer>> = new Map();
    const introspection = introspectionOf(info, all);
    for (const each of [introspection, ...interfaces]) all.set(each.name, each);
    this.#interfaces = all;
  }

  /** Throws {@link VarlinkError}. */
  async dispatch(call: Call<Peer>): Promise<object> {
    const dot = call.method.lastIndexOf('.');
    if (dot < 1) throw invalidParameter('method', 'a method is INTERFACE.METHOD');
    const name = call.method.slice(0, dot);
    const found = this.#interfaces.get(name);
    if (found === undefined) throw interfaceNotFound(name);
    const short = call.method.slice(dot + 1);
    const method = found.methods.get(short);
    if (method !== undefined) return method(call);
    const described = /^\w+$/.test(short) && new RegExp(`^method ${short}\\b`, 'm').test(found.description);
    throw described ? methodNotImplemented(call.method) : methodNotFound(call.method);
  }
}

/** For methods that only make sense with `more`. */
export function needsMore(call: CallMessage): void {
  if (!call.more) throw expectedMore();
}

function introspectionOf<Peer>(info: Info, all: ReadonlyMap<string, Interface<Peer>>): Interface<Peer> {
  return {
    name: 'org.varlink.service',
    description,
    methods: new Map<string, Method<Peer>>([
      [
        'GetInfo',
        ({ parameters }) => {
          for (const unknown of Object.keys(parameters)) throw invalidParameter(unknown, 'no such parameter');
          return { ...info, interfaces: [...all.keys()] };
        },
      ],
      [
        'GetInterfaceDescription',
        ({ parameters }) => {
          if (typeof parameters.interface !== 'string') throw invalidParameter('interface', 'a string');
          const found = all.get(parameters.interface);
          if (found === undefined) throw interfaceNotFound(parameters.interface);
          return { description: found.description };
        },
      ],
    ]),
  };
}

/** varlink.org/Service */
const description = `# What every Varlink service has: it describes itself and its interfaces.
interface org.varlink.service

# The interfaces of this service, and who made it.
method GetInfo() -> (
  vendor: string,
  product: string,
  version: string,
  url: string,
  interfaces: []string
)

# The description of one of the interfaces.
method GetInterfaceDescription(interface: string) -> (description: string)

# No such interface here.
error InterfaceNotFound (interface: string)

# No such method in the interface.
error MethodNotFound (method: string)

# The interface describes the method, but this service does not have it.
error MethodNotImplemented (method: string)

# A parameter is missing, unknown, or of the wrong kind.
error InvalidParameter (parameter: string)

# The caller may not do this.
error PermissionDenied ()

# The method must be called with \`more\`.
error ExpectedMore ()
`;
