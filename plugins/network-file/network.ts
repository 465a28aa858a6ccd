// Longer than other files: the whole life of a version of the network file, from its reading to its way back.
import { existsSync } from 'node:fs';
import { uptime } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { FirewallPart, Netconf } from 'netconf/plugin';
import { startId } from '../../core/base/start-id.ts';
import { type Applied, type ApplyResult, applyChanges } from './apply.ts';
import { changesBetween, undoOf } from './changes.ts';
import { type Configuration, configurationOf, empty, readConfiguration, sameTexts } from './configuration.ts';
import { firewallPart } from './firewall.ts';
import { forget, readInForce, readTrial, type Trial, writeKept } from './kept.ts';
import { filesOnDisk } from './language/files.ts';
import { placeOf, sentenceOf } from './language/problem.ts';
import { restoreFiles } from './restore.ts';
import { enforceRules } from './rules.ts';

/** Seconds that somebody may have to confirm. */
const longestTrial = 86_400;
/** Milliseconds of the longest timer of Node. */
const longestTimer = 2 ** 31 - 1;
/** Problems that the log is told of. */
const mostLogged = 20;

/** What a client is answered. */
export type Answer =
  | { state: 'refused'; problems: { severity: string; place: string; message: string; hint?: string }[] }
  | { state: 'unchanged' | 'applied'; results: Applied[]; confirm?: number }
  | { state: 'undone'; results: Applied[]; undone: Applied[]; interface: string; message: string }
  | { state: 'confirmed' | 'nothing' | 'busy' };

/**
 * The version of the network file that is in force. It is a copy of all its texts: a file that is being edited counts for
 * nothing until it is applied, or until the machine starts anew. One apply is at work at a time; one that is to be
 * confirmed goes back by itself, whoever has gone meanwhile.
 */
export class NetworkFile {
  readonly file: string;
  readonly #netconf: Netconf;
  #inForce: Configuration = empty;
  /** Names that other sources declare, as of the latest look. */
  others: ReadonlySet<string> = new Set();
  #atWork = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(netconf: Netconf, file: string) {
    this.#netconf = netconf;
    this.file = file;
    netconf.onUnload(() => clearTimeout(this.#timer));
  }

  get inForce(): Configuration {
    return this.#inForce;
  }

  /** Is there anything to do with? */
  get exists(): boolean {
    return [this.file, `${this.file}.d`, this.#trialPath, this.#inForcePath].some(path => existsSync(path));
  }

  /** What counts from the start: what an earlier process had in force, else the file as it lies there. */
  load(): void {
    const { log, observe } = this.#netconf;
    const trial = readTrial(this.#trialPath);
    if (trial !== undefined && trial.start !== startId() && !observe) {
      log.warning(`${this.file}: the machine was started anew before the version on trial was confirmed`);
      this.#restore(trial);
      forget(this.#trialPath);
    }
    const kept = readInForce(this.#inForcePath);
    if (kept?.start === startId()) {
      // It was good once: what names stand for may have changed, and the rest of it counts all the same.
      this.#inForce = configurationOf(this.file, new Map(kept.texts));
      if (this.#inForce.hasErrors) this.#tell(this.#inForce);
      return;
    }
    const configuration = this.read();
    this.#tell(configuration);
    if (configuration.hasErrors)
      log.error(`${this.file}: not in force: netconf network check shows all of it`);
    else this.#inForce = configuration;
  }

  /** The file as it lies there. */
  read(): Configuration {
    return readConfiguration(
      this.file,
      filesOnDisk(path => this.#netconf.trust(path)),
    );
  }

  /** When operations can be done: keeps what is in force, and goes on with an apply that was cut off, or is on trial. */
  resume(): void {
    if (this.#netconf.observe) return;
    if (this.#inForce.texts.size > 0) this.#keep();
    const lost = readTrial(this.#applyingPath);
    const trial = readTrial(this.#trialPath);
    if (lost !== undefined && lost.start !== startId()) forget(this.#applyingPath);
    const begun = lost?.start === startId() ? lost : trial;
    if (begun === undefined) return;
    if (begun.state === 'applying') void this.#goBack(begun, 'netconfd was ended while it was being applied');
    else this.#expect(begun);
  }

  /** @param confirm seconds, after which it goes back unless it is confirmed */
  async apply(confirm: number | undefined, progress: (message: string) => void): Promise<Answer> {
    const candidate = this.read();
    if (candidate.hasErrors) {
      const problems = candidate.problems.map(problem => ({
        severity: problem.severity,
        place: placeOf(problem),
        message: problem.message,
        ...(problem.hint !== undefined && { hint: problem.hint }),
      }));
      return { state: 'refused', problems };
    }
    if (candidate.texts.size === 0) {
      return refusal(
        this.file,
        'there is no network file',
        'an empty file takes down what it declared before',
      );
    }
    if (this.#atWork) return { state: 'busy' };
    this.#atWork = true;
    try {
      return await this.#apply(candidate, confirm, progress);
    } finally {
      this.#atWork = false;
    }
  }

  /** What is on trial stays. */
  confirm(): Answer {
    const trial = readTrial(this.#trialPath);
    if (trial === undefined) return { state: 'nothing' };
    if (this.#atWork) return { state: 'busy' };
    this.#endTrial();
    this.#netconf.emit('network.confirmed', { file: this.file });
    return { state: 'confirmed' };
  }

  async #apply(
    candidate: Configuration,
    confirm: number | undefined,
    progress: (message: string) => void,
  ): Promise<Answer> {
    const before = this.#inForce;
    const running = readTrial(this.#trialPath);
    clearTimeout(this.#timer);
    const trial: Trial = {
      version: 1,
      start: startId(),
      state: 'applying',
      // Of two on trial after each other, the one before both is gone back to.
      before: running?.before ?? [...before.texts],
      after: [...candidate.texts],
      ...(confirm !== undefined && { until: untilOf(confirm) }),
    };
    const path = confirm === undefined ? this.#applyingPath : this.#trialPath;
    try {
      writeKept(path, trial);
    } catch (error) {
      return refusal(path, `what was in force before cannot be kept: ${(error as Error).message}`);
    }
    const isSame = sameTexts(before.texts, candidate.texts);
    const { applied, done, failed } = await this.#change(before, candidate, progress);
    if (failed !== undefined) {
      progress(`${failed.interface} failed: going back`);
      this.#enforce(before);
      const undone = await applyChanges(this.#netconf, undoOf(done, this.others), progress, { back: true });
      forget(path);
      // What was on trial before still is.
      if (running !== undefined && confirm !== undefined) writeKept(this.#trialPath, running);
      if (running !== undefined) this.#expect(running);
      const { interface: on, message = failed.state } = failed;
      this.#netconf.emit('network.failed', { file: this.file, interface: on, message });
      return { state: 'undone', results: applied, undone: undone.applied, interface: on, message };
    }
    this.#keep();
    const changed = applied.filter(({ state }) => state !== 'waiting').map(one => one.interface);
    if (confirm === undefined) {
      this.#endTrial();
      forget(path);
    } else {
      // The time counts from now: who is to confirm it can do so only now.
      const expected = { ...trial, state: 'applied', until: untilOf(confirm) } as const;
      writeKept(path, expected);
      this.#expect(expected);
    }
    const until = confirm === undefined ? {} : { until: Date.now() + Math.min(confirm, longestTrial) * 1000 };
    if (!isSame || changed.length > 0)
      this.#netconf.emit('network.applied', { file: this.file, changed, ...until });
    const state = isSame && changed.length === 0 ? 'unchanged' : 'applied';
    return {
      state,
      results: applied,
      ...(confirm !== undefined && { confirm: Math.min(confirm, longestTrial) }),
    };
  }

  /** First the rules, then one interface after the other. */
  async #change(
    before: Configuration,
    candidate: Configuration,
    progress: (message: string) => void,
  ): Promise<ApplyResult> {
    const [was, is] = [before, candidate].map(({ model }) => firewallPart(this.#netconf.name, model));
    if (isDeepStrictEqual(withoutPlaces(was), withoutPlaces(is))) {
      this.#inForce = candidate;
    } else {
      progress('changing the rules');
      const refusal = await enforceRules(this.#netconf, () => {
        this.#inForce = candidate;
      });
      if (refusal !== undefined)
        return {
          applied: [],
          done: [],
          failed: { interface: 'the firewall', state: 'failed', message: refusal },
        };
    }
    return applyChanges(this.#netconf, changesBetween(before.units, candidate.units, this.others), progress);
  }

  /** Goes back when the time is up. */
  #expect({ until = 0 }: Trial): void {
    clearTimeout(this.#timer);
    const left = Math.max(0, until - uptime()) * 1000;
    this.#timer = setTimeout(
      () => {
        const trial = readTrial(this.#trialPath);
        if (trial === undefined) return;
        if ((trial.until ?? 0) > uptime()) this.#expect(trial);
        else void this.#goBack(trial, 'nobody has confirmed it in time');
      },
      Math.min(left, longestTimer),
    );
  }

  /** To what was in force before; of a version that was on trial, the files too. Never rejects. */
  async #goBack(trial: Trial, reason: string): Promise<void> {
    const { log } = this.#netconf;
    if (this.#atWork) {
      this.#timer = setTimeout(() => void this.#goBack(trial, reason), 1000);
      return;
    }
    this.#atWork = true;
    try {
      log.warning(`${this.file}: going back to the version before: ${reason}`);
      const before = configurationOf(this.file, new Map(trial.before));
      const after = configurationOf(this.file, new Map(trial.after));
      if (trial.until !== undefined) this.#restore(trial);
      if (before.hasErrors) this.#tell(before);
      this.#enforce(before);
      const { failed } = await applyChanges(
        this.#netconf,
        changesBetween(after.units, this.#inForce.units, this.others),
        message => log.info(message),
        { back: true },
      );
      if (failed !== undefined) log.error(`${failed.interface}: ${failed.message ?? failed.state}`);
      this.#keep();
      this.#endTrial();
      forget(this.#applyingPath);
      this.#netconf.emit('network.reverted', { file: this.file, reason });
    } catch (error) {
      log.error(`${this.file}: ${(error as Error).message}`);
    } finally {
      this.#atWork = false;
    }
  }

  #endTrial(): void {
    clearTimeout(this.#timer);
    forget(this.#trialPath);
  }

  #enforce(configuration: Configuration): void {
    this.#inForce = configuration;
    this.#netconf.touch('firewall');
  }

  #restore({ before, after }: Trial): void {
    for (const sentence of restoreFiles(new Map(before), new Map(after))) this.#netconf.log.warning(sentence);
  }

  #keep(): void {
    try {
      writeKept(this.#inForcePath, { version: 1, start: startId(), texts: [...this.#inForce.texts] });
    } catch (error) {
      this.#netconf.log.error(`${this.#inForcePath}: ${(error as Error).message}`);
    }
  }

  #tell({ problems }: Configuration): void {
    const { log } = this.#netconf;
    for (const problem of problems.slice(0, mostLogged)) {
      if (problem.severity === 'error') log.error(sentenceOf(problem));
      else log.warning(sentenceOf(problem));
    }
    if (problems.length > mostLogged) log.warning(`${this.file}: and ${problems.length - mostLogged} more`);
  }

  get #inForcePath(): string {
    return `${this.#netconf.paths.run}/network/in-force.json`;
  }

  get #applyingPath(): string {
    return `${this.#netconf.paths.run}/network/applying.json`;
  }

  get #trialPath(): string {
    return `${this.file}.trial`;
  }
}

/** What rules and networks say, wherever in a file they stand. */
function withoutPlaces(part: FirewallPart | undefined): unknown {
  return JSON.parse(
    JSON.stringify(part ?? {}, (key, value: unknown) => (key === 'place' ? undefined : value)),
  );
}

/** Nothing is applied, for a reason that is none of the file's text. */
function refusal(place: string, message: string, hint?: string): Answer {
  return {
    state: 'refused',
    problems: [{ severity: 'error', place, message, ...(hint !== undefined && { hint }) }],
  };
}

/** Seconds since the machine's start. */
function untilOf(confirm: number): number {
  return uptime() + Math.min(confirm, longestTrial);
}
