/** The latest so many of what is pushed, the oldest first. */
export class Ring<T> {
  #items: T[] = [];
  #start = 0;
  #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  push(item: T): void {
    if (this.#items.length < this.#size) {
      this.#items.push(item);
      return;
    }
    this.#items[this.#start] = item;
    this.#start = (this.#start + 1) % this.#size;
  }

  resize(size: number): void {
    if (size === this.#size) return;
    this.#items = [...this].slice(-size);
    this.#start = 0;
    this.#size = size;
  }

  *[Symbol.iterator](): Iterator<T> {
    const items = this.#items;
    const start = this.#start;
    for (let at = 0; at < items.length; at++) yield items[(start + at) % items.length]!;
  }
}
