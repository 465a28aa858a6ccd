import { type Problem, sentenceOf } from '../../core/base/text/problem.ts';
import type { Trust } from '../../core/base/trust.ts';
import { PolicyDirectories, type PolicyFile } from './directories.ts';
import { lookAt } from './mark.ts';
import type { Policy } from './policy.ts';
import { hasErrors, readPolicy } from './read.ts';

/** What is in force for an interface. */
export interface InForce extends PolicyFile {
  /** Undefined where the file has never been without an error since the start. */
  policy: Policy | undefined;
  /** What is wrong with the file as it lies there; an older version is in force then. */
  problems: readonly Problem[];
}

interface Parts {
  directories: readonly string[];
  trust: (path: string) => Trust;
  /** What only the daemon knows of a policy: steps that nobody does. */
  judge: (policy: Policy) => Problem[];
  tell: (severity: Problem['severity'], sentence: string) => void;
}

/** Milliseconds: shorter than it takes to save a file and have something happen. */
const glanceMs = 20;

/**
 * The policies in force. A file is read when it is asked for first, and again when it has changed; a version with an
 * error leaves the one before in force, and what is wrong with it is told once.
 */
export class Policies {
  readonly #parts: Parts;
  readonly #directories: PolicyDirectories;
  readonly #read = new Map<string, InForce & { mark: string | undefined; looked: number }>();
  /** Of the directories, when what is not there any more was forgotten. */
  #generation = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#directories = new PolicyDirectories(parts.directories);
  }

  /** Of an interface, or of what is about none; undefined where no file is about it. */
  for(link: string | undefined): InForce | undefined {
    const file = this.#directories.fileFor(link);
    return file === undefined ? undefined : this.#load(file);
  }

  /**
   * As {@link for} an event's interface: in a storm of events files are looked at some times in a second only.
   *
   * @param now milliseconds since the epoch
   */
  glance(link: string, now: number): InForce | undefined {
    const file = this.#directories.fileFor(link, now, glanceMs);
    if (file === undefined) return undefined;
    const known = this.#read.get(file.path);
    return known !== undefined && Math.abs(now - known.looked) < glanceMs ? known : this.#load(file, now);
  }

  /** Reads all files, so that mistakes are told before somebody needs them; of other directories from now on. */
  readAll(directories?: readonly string[]): void {
    if (directories !== undefined) this.#directories.use(directories);
    for (const file of this.#directories.all()) this.#load(file);
  }

  /** Judges anew what is in force: which steps are done has changed. Told, and in force all the same. */
  judgeAll(): void {
    for (const { path, policy } of this.#read.values())
      if (policy !== undefined) this.#tell(path, this.#parts.judge(policy));
  }

  #load(file: PolicyFile, now = Date.now()): InForce {
    this.#forget();
    const known = this.#read.get(file.path);
    const { mark, settled } = lookAt(file.path);
    if (known !== undefined && known.mark === mark) {
      known.looked = now;
      return known;
    }
    const { policy, problems: found } = readPolicy(file.path, file.name, this.#parts.trust);
    const problems = hasErrors(found) ? found : [...found, ...this.#judge(policy, known?.policy)];
    const good = !hasErrors(problems);
    const read = {
      ...file,
      policy: good ? policy : known?.policy,
      problems,
      mark: settled ? mark : undefined,
      looked: now,
    };
    this.#read.set(file.path, read);
    if (sentences(file, problems) !== sentences(file, known?.problems ?? [])) {
      this.#tell(file.path, problems);
      if (!good) this.#parts.tell('error', `${file.path}: ${consequence(known?.policy)}`);
    }
    return read;
  }

  /** What the version in force has been let through with is no reason to refuse the next one. */
  #judge(policy: Policy, before: Policy | undefined): Problem[] {
    const old = before === undefined ? [] : this.#parts.judge(before).map(({ message }) => message);
    return this.#parts
      .judge(policy)
      .map(problem => (old.includes(problem.message) ? { ...problem, severity: 'warning' } : problem));
  }

  /** What is not there any more. */
  #forget(): void {
    const { generation } = this.#directories;
    if (generation === this.#generation) return;
    this.#generation = generation;
    const there = new Set(this.#directories.all().map(({ path }) => path));
    for (const path of this.#read.keys()) if (!there.has(path)) this.#read.delete(path);
  }

  #tell(path: string, problems: readonly Problem[]): void {
    for (const problem of problems) this.#parts.tell(problem.severity, sentenceOf(path, problem));
  }
}

function sentences({ path }: PolicyFile, problems: readonly Problem[]): string {
  return problems.map(problem => sentenceOf(path, problem)).join('\n');
}

function consequence(older: Policy | undefined): string {
  return older === undefined
    ? 'not in force: until it is mended only root may ask, and operations start at ENI'
    : 'the version before stays in force';
}
