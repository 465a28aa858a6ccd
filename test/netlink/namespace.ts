import assert from 'node:assert/strict';
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { EventJson } from '../../core/bus/event.ts';
import type { AddressedLink, Link, Neighbour, Route, Rule } from '../../core/bus/objects.ts';
import type { NetlinkCounters } from '../../core/netlink/status.ts';

let next = 0;

/** A network namespace of one's own, with `lo` up. */
export class Namespace {
  readonly name = `netlink-${process.pid}-${next++}`;

  constructor() {
    execFileSync('ip', ['netns', 'add', this.name]);
    this.ip('link set lo up');
  }

  /** Runs `ip` with these words, inside. */
  ip(words: string): string {
    return this.exec('ip', ...words.split(' '));
  }

  json<T>(words: string): T {
    return JSON.parse(this.ip(`-j ${words}`)) as T;
  }

  exec(program: string, ...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, program, ...words], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs lines of `ip -batch`, without waiting for an answer to each from here. */
  batch(lines: readonly string[], family = '-4'): void {
    execFileSync('ip', ['netns', 'exec', this.name, 'ip', family, '-batch', '-'], {
      input: `${lines.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }

  remove(): void {
    execFileSync('ip', ['netns', 'delete', this.name]);
  }
}

export interface ObservedStatus {
  links: Link[];
  addresses: AddressedLink[];
  routes: Route[];
  rules: Rule[];
  neighbours: Neighbour[];
}

/** The netlink source at work in a namespace, in a process of its own. */
export class Observer {
  readonly events: EventJson[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: ((value: unknown) => void)[] = [];
  readonly #watchers = new Set<() => void>();
  #started: (() => void) | undefined;

  private constructor(namespace: Namespace, options: object) {
    const file = fileURLToPath(new URL('observe.ts', import.meta.url));
    const words = [process.execPath, '--import', 'tsx', file, JSON.stringify(options)];
    this.#child = spawn('ip', ['netns', 'exec', namespace.name, ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface(this.#child.stdout).on('line', line => this.#take(line));
  }

  static async start(namespace: Namespace, options: object = {}): Promise<Observer> {
    const observer = new Observer(namespace, options);
    await new Promise<void>(resolve => {
      observer.#started = resolve;
    });
    return observer;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async ask<T>(question: string): Promise<T> {
    const answer = new Promise(resolve => this.#answers.push(resolve));
    this.#child.stdin.write(`${question}\n`);
    return (await answer) as T;
  }

  status(): Promise<ObservedStatus> {
    return this.ask('status');
  }

  counters(): Promise<NetlinkCounters & { count: Record<string, number> }> {
    return this.ask('counters');
  }

  /** Events from `from` on, as `name interface`. */
  told(from = 0): string[] {
    return this.events.slice(from).map(event => `${event.name} ${event.interface ?? ''}`.trim());
  }

  /** Waits for an event of this name, from the given place on, that fits; fails with what came instead. */
  async event(name: string, fits: (event: EventJson) => boolean = () => true, from = 0): Promise<EventJson> {
    return this.until(
      () => this.events.slice(from).find(event => event.name === name && fits(event)),
      () => `no ${name}; came: ${this.told(from).join(', ')}`,
    );
  }

  async until<T>(look: () => T | undefined | false, complaint: () => string): Promise<T> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const found = look();
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0) assert.fail(complaint());
      await new Promise<void>(resolve => {
        const done = () => {
          clearTimeout(timer);
          this.#watchers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, Math.min(left, 100));
        this.#watchers.add(done);
      });
    }
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise(resolve => this.#child.on('close', resolve));
    this.#child.stdin.end();
    await ended;
  }

  #take(line: string): void {
    const value = JSON.parse(line) as {
      event?: EventJson;
      answer?: unknown;
      started?: true;
      failure?: string;
    };
    if (value.failure) throw new Error(value.failure);
    if (value.started) this.#started?.();
    else if (value.event) this.events.push(value.event);
    else this.#answers.shift()?.(value.answer);
    for (const watcher of [...this.#watchers]) watcher();
  }
}
