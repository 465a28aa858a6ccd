import { messageOf, NetconfError } from '../base/errors.ts';
import { interfaceName } from '../bus/catalogue.ts';
import type { Event } from '../bus/event.ts';
import type {
  OperationParameters,
  OperationProgress,
  OperationResult,
  Peer,
  Request,
  Verdict,
} from '../control/api.ts';
import type { OperationOptions } from '../plugin/hooks.ts';
import { operateAll } from './all.ts';
import { isOwner } from './authorise.ts';
import type { Operations } from './operations.ts';
import type { Ask } from './parts.ts';
import { renamed } from './renamed.ts';

interface RequestParts {
  operations: Operations;
  authorise: (request: Request) => Promise<Verdict>;
  /** The hook script's event that a process belongs to. */
  scriptOf: (pid: number) => Event | undefined;
}

type Progress = (step: OperationProgress) => void;

/** Parameters that let who gives them run what they like, or leave out what the administrator wants to be run. */
const ownersOnly = ['file', 'set', 'force', 'ignoreErrors', 'noScripts', 'noMappings'] as const;
/** With a suffix of the record still a file's name: NAME_MAX is 255. */
const longestName = 200;

/** Requests of clients: who asks, whether they may, from inside what they ask; then the operation. */
export class Requests {
  readonly #parts: RequestParts;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  /** One result an interface. Rejects with `Denied`, `Reentrant`, `Overloaded`. */
  async operate(
    request: 'ifup' | 'ifdown',
    parameters: OperationParameters,
    peer: Peer,
    progress: Progress,
    signal: AbortSignal | undefined,
  ): Promise<OperationResult[]> {
    const { interface: on, all, exclude } = parameters;
    const options = optionsOf(parameters);
    const { operations } = this.#parts;
    const inside = operations.parts.programs.ancestor(peer.pid);
    const cause = inside?.event ?? this.#parts.scriptOf(peer.pid);
    const source = `user:${peer.uid}` as const;
    const ask = { options, source, peer, cause, signal, progress, inside: inside?.interface };
    if (on === undefined) {
      const reserved = reservedFor(peer, parameters);
      if (reserved !== undefined) throw new NetconfError('Denied', reserved);
      const admit = (name: string) => this.#verdict(request, parameters, { ...ask, interface: name });
      return operateAll(operations, request, { class: all ?? 'auto', exclude, ask, admit });
    }
    if (!interfaceName.test(on) || on.startsWith('-') || Buffer.byteLength(on) > longestName)
      return [
        { interface: on, logical: on, state: 'unknown', message: 'not the name of an interface', ms: 0 },
      ];
    // Nobody has been found to be allowed anything yet: no file of theirs is read, and nothing told of ours.
    const { name } = await this.#nameOf(request, on, isOwner(peer.uid) ? options : {}, 'nothing');
    const one: Ask = { ...ask, interface: name, logical: parameters.logical };
    const verdict = await this.#verdict(request, parameters, one);
    if (!verdict.allow) {
      throw new NetconfError('Denied', verdict.reason, {
        ...(!isOwner(peer.uid) && {
          hint: 'root and the user that netconfd runs as may; a policy can permit it to others',
        }),
      });
    }
    this.#checkScript(request, one);
    if (request === 'ifup') {
      const { failure } = await this.#nameOf(request, on, options, isOwner(peer.uid) ? 'all' : 'these');
      if (failure !== undefined)
        return [{ interface: on, logical: on, state: 'failed', outcome: 'FAIL', message: failure, ms: 0 }];
    }
    return [await operations.operate(request, one)];
  }

  /** The name that an interface has by now; its own, and why, where its link cannot be renamed. */
  async #nameOf(
    request: 'ifup' | 'ifdown',
    on: string,
    options: OperationOptions,
    act: 'all' | 'these' | 'nothing',
  ): Promise<{ name: string; failure?: string }> {
    try {
      const [name = on] = await renamed(this.#parts.operations.parts, [on], { request, options, act });
      return { name };
    } catch (error) {
      return { name: on, failure: messageOf(error) };
    }
  }

  /** A refusal is an event, too. */
  async #verdict(request: 'ifup' | 'ifdown', parameters: OperationParameters, ask: Ask): Promise<Verdict> {
    const peer = ask.peer!;
    const action = request === 'ifup' ? 'IFUP' : 'IFDOWN';
    let verdict = await this.#parts.authorise({
      action,
      subject: ask.interface,
      peer,
      ...(parameters.force === true && { force: true }),
    });
    const reserved = reservedFor(peer, parameters);
    if (verdict.allow && reserved !== undefined) verdict = { allow: false, reason: reserved };
    if (verdict.allow) verdict = await this.#logicalVerdict(action, ask, peer, verdict);
    if (!verdict.allow) this.#parts.operations.refused(request, ask, verdict.reason);
    return verdict;
  }

  /**
   * Who names a logical interface chooses whose stanzas, and so whose commands, are run: others than the owner must be
   * allowed that name, too.
   */
  async #logicalVerdict(
    action: 'IFUP' | 'IFDOWN',
    { interface: on, logical = on }: Ask,
    peer: Peer,
    verdict: Verdict,
  ): Promise<Verdict> {
    if (logical === on || isOwner(peer.uid)) return verdict;
    if (!interfaceName.test(logical))
      return { allow: false, reason: `uid ${peer.uid} may not name this logical interface` };
    const other = await this.#parts.authorise({ action, subject: logical, peer });
    return other.allow ? verdict : other;
  }

  /** A hook script of an interface's event that asks for an operation of the same interface. */
  #checkScript(request: 'ifup' | 'ifdown', ask: Ask): void {
    const event = this.#parts.scriptOf(ask.peer!.pid);
    if (event?.interface !== ask.interface) return;
    const message = `${ask.interface}: the request comes from inside a script of ${event.name} on ${ask.interface}`;
    this.#parts.operations.refused(request, ask, message);
    throw new NetconfError('Reentrant', message, {
      hint: `let a policy do it ([${event.name}] do ${request}), or start it in the background: setsid -f ${request}`,
    });
  }
}

/** Why this peer may not ask with these parameters, whatever a policy says; undefined where it may. */
function reservedFor({ uid }: Peer, parameters: OperationParameters): string | undefined {
  const reserved = ownersOnly.find(name => parameters[name] !== undefined && parameters[name] !== false);
  return reserved === undefined || isOwner(uid) ? undefined : `uid ${uid} may not use the option ${reserved}`;
}

function optionsOf(parameters: OperationParameters): OperationOptions {
  const { class: word = parameters.all, force, ignoreErrors, noScripts, noMappings, verbose } = parameters;
  const { file, set } = parameters;
  return {
    ...(word !== undefined && { class: word }),
    ...(force === true && { force }),
    ...(ignoreErrors === true && { ignoreErrors }),
    ...(noScripts !== undefined && { noScripts: noScripts === '*' ? true : noScripts }),
    ...(noMappings === true && { noMappings }),
    ...(verbose === true && { verbose }),
    ...(file !== undefined && { file }),
    ...(set !== undefined && { set: set.map(({ name, value }) => [name, value] as const) }),
  };
}
