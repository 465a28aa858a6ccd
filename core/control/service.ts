import { messageOf, NetconfError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { HistoryEntry, Methods, OperationProgress, Peer, Request } from './api.ts';
import type { Backend } from './backend.ts';
import { interfaceDescription, interfaceName } from './interface.ts';
import type { Monitors } from './monitor.ts';
import { checkParameters } from './parameters.ts';
import { countStatus, single, statusReplies, streamReplies } from './status.ts';
import { expectedMore, VarlinkError } from './varlink/error.ts';
import { type Call, type Interface, type Method, needsMore, Service } from './varlink/service.ts';

/** Bytes of history that are told in one reply, roughly. */
const historyReply = 256 * 1024;

/** Bytes of history that are told to who has not said `more`. */
const historySingle = 4 * 1024 * 1024;

/** Bytes that wait for a slow client: past this, it is not told of the progress. */
const progressUnsent = 64 * 1024;

/** The service that the control socket speaks: `io.netconf` over a {@link Backend}, and introspection. */
export function controlService(backend: Backend, monitors: Monitors): Service<Peer> {
  const info = {
    vendor: 'netconf',
    product: 'netconfd',
    version: backend.version,
    // The project has no page yet.
    url: '',
  };
  return new Service<Peer>(info, [netconfInterface(backend, monitors)]);
}

function netconfInterface(backend: Backend, monitors: Monitors): Interface<Peer> {
  /** Checks the parameters, asks whether the peer may, and does it. */
  const method =
    <Name extends keyof Methods>(
      name: Name,
      action: Request['action'],
      run: (
        parameters: ReturnType<typeof checkParameters<Name>>,
        call: Call<Peer>,
      ) => Promise<Methods[Name]['out']> | Methods[Name]['out'],
    ): Method<Peer> =>
    async call => {
      const parameters = checkParameters(name, call.parameters);
      await authorise(backend, requestOf(action, call));
      return run(parameters, call);
    };

  /** Who may is asked by the operation itself: refused requests are events, too. */
  const operation =
    (name: 'Up' | 'Down', request: 'ifup' | 'ifdown'): Method<Peer> =>
    async ({ parameters, peer, more, oneway, replies }) => {
      const progress = (step: OperationProgress) => {
        if (more && replies.unsent < progressUnsent) replies.write(JSON.stringify({ progress: step }));
      };
      // Who expects no answer may hang up at once.
      const signal = oneway ? undefined : replies.signal;
      const asked = checkParameters(name, parameters);
      return { results: await backend.operate(request, asked, peer, progress, signal) };
    };

  return {
    name: interfaceName,
    description: interfaceDescription,
    methods: new Map<keyof Methods & string, Method<Peer>>([
      ['Status', method('Status', 'READ', ({ parts }, call) => status(backend, parts, call))],
      ['Up', operation('Up', 'ifup')],
      ['Down', operation('Down', 'ifdown')],
      [
        'Emit',
        method('Emit', 'EMIT', (parameters, { peer, replies }) =>
          backend.emit(parameters, peer, replies.signal),
        ),
      ],
      [
        'Monitor',
        method('Monitor', 'READ', async (parameters, call) => {
          needsMore(call);
          await monitors.serve(parameters, call.replies);
          return {};
        }),
      ],
      [
        'History',
        method('History', 'MANAGE', (parameters, call) => history(backend.history(parameters), call)),
      ],
      ['Explain', method('Explain', 'READ', (parameters, { peer }) => backend.explain(parameters, peer))],
      ['Plugins', method('Plugins', 'MANAGE', () => ({ plugins: backend.plugins() }))],
      [
        'LoadPlugin',
        method('LoadPlugin', 'MANAGE', async ({ name }) => ({ plugin: await backend.loadPlugin(name) })),
      ],
      [
        'UnloadPlugin',
        method('UnloadPlugin', 'MANAGE', async ({ name }) => {
          await backend.unloadPlugin(name);
          return {};
        }),
      ],
      ['Reload', method('Reload', 'MANAGE', () => backend.reload())],
      ['Ask', method('Ask', 'MANAGE', (parameters, call) => ask(backend, parameters, call))],
    ]),
  };
}

/** What the client is told of an error that is none of Varlink's. What nobody foresaw goes to the log, never out. */
export function translateError(error: unknown, method: string, log: Log): VarlinkError {
  if (error instanceof NetconfError) {
    const { code, message, hint } = error;
    return new VarlinkError(`${interfaceName}.${code}`, { message, ...(hint !== undefined && { hint }) });
  }
  const place = error instanceof Error ? error.stack : undefined;
  log.error(`${method}: ${place ?? messageOf(error)}`);
  return new VarlinkError(`${interfaceName}.Internal`, {
    message: `${method} failed for a reason that nobody foresaw`,
    hint: 'the log of netconfd says more',
  });
}

function requestOf(action: Request['action'], { parameters, peer }: Call<Peer>): Request {
  const subject = parameters.event ?? parameters.name ?? parameters.question;
  return {
    action,
    peer,
    ...(typeof subject === 'string' && { subject }),
    ...(typeof parameters.interface === 'string' && { interface: parameters.interface }),
  };
}

async function authorise(backend: Backend, request: Request): Promise<void> {
  const verdict = await backend.authorise(request);
  if (verdict.allow) return;
  const hint = 'root and the user that netconfd runs as may; a policy can permit it to others';
  throw new NetconfError('Denied', verdict.reason, { hint });
}

async function ask(
  backend: Backend,
  parameters: Methods['Ask']['in'],
  { more, peer, replies }: Call<Peer>,
): Promise<Methods['Ask']['out']> {
  const progress = (message: string) => {
    if (more && replies.unsent < progressUnsent) replies.write(JSON.stringify({ progress: message }));
  };
  return { answer: await backend.ask(parameters, peer, progress, replies.signal) };
}

async function status(
  backend: Backend,
  parts: Parameters<typeof countStatus>[1],
  call: Call<Peer>,
): Promise<Methods['Status']['out']> {
  if (call.more) return (await streamReplies(statusReplies(backend.status, parts), call.replies)) ?? {};
  if (countStatus(backend.status, parts) > single) throw expectedMore();
  const [reply] = statusReplies(backend.status, parts, Number.POSITIVE_INFINITY);
  return reply ?? {};
}

async function history(
  entries: Iterable<HistoryEntry>,
  call: Call<Peer>,
): Promise<Methods['History']['out']> {
  if (call.more) {
    return (await streamReplies(historyReplies(entries, historyReply), call.replies)) ?? { entries: [] };
  }
  const [reply, next] = historyReplies(entries, historySingle);
  if (next !== undefined) throw expectedMore();
  return reply ?? { entries: [] };
}

function* historyReplies(
  entries: Iterable<HistoryEntry>,
  most: number,
): Generator<Methods['History']['out']> {
  let reply: HistoryEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (bytes >= most) {
      yield { entries: reply };
      reply = [];
      bytes = 0;
    }
    reply.push(entry);
    bytes += entry.runs.reduce((sum, run) => sum + run.output.length + 500, 1000);
  }
  yield { entries: reply };
}
