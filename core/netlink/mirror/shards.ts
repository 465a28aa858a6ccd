const shards = 256;

/**
 * A Map by the places of routing tables, in parts: a Map that grows copies itself at once, which with 100,000 entries would hold the
 * loop for longer than a slice.
 */
export class Shards<T> {
  readonly #parts: Map<string, T>[] = Array.from({ length: shards }, () => new Map());

  /** No entry was ever set. */
  isUnused = true;

  get(key: string): T | undefined {
    return this.isUnused ? undefined : this.#of(key).get(key);
  }

  has(key: string): boolean {
    return !this.isUnused && this.#of(key).has(key);
  }

  set(key: string, value: T): void {
    this.isUnused = false;
    this.#of(key).set(key, value);
  }

  delete(key: string): boolean {
    return this.#of(key).delete(key);
  }

  /** In no order. Changes while walking are allowed, as with a Map. */
  *entries(): Generator<[string, T]> {
    for (const part of this.#parts) yield* part.entries();
  }

  #of(key: string): Map<string, T> {
    // FNV-1a over what differs in a place of a routing table: the destination (RouteScan.key).
    let hash = 0x811c9dc5;
    for (let i = 12; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    return this.#parts[(hash ^ (hash >>> 16)) & (shards - 1)]!;
  }
}
