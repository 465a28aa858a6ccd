const shards = 256;

/**
 * A Map by the keys of places in routing tables, in parts: one that grows copies itself at once, which with 100,000
 * entries would hold the loop for longer than a slice.
 */
export class Shards<T> {
  readonly #parts: Map<string, T>[] = Array.from({ length: shards }, () => new Map());

  /** No entry was ever set. */
  isUnused = true;

  get(key: string): T | undefined {
    return this.#of(key).get(key);
  }

  set(key: string, value: T): void {
    this.isUnused = false;
    this.#of(key).set(key, value);
  }

  #of(key: string): Map<string, T> {
    // FNV-1a over what differs most: the destination (Place.key).
    let hash = 0x811c9dc5;
    for (let i = 12; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    return this.#parts[(hash ^ (hash >>> 16)) & (shards - 1)]!;
  }
}
