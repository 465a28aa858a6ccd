/** Bytes of one line: OpenVPN's own are shorter (ERR_BUF_SIZE of its error.h is 10,240). */
const longestLine = 16_384;
/** Bytes of lines that say nothing, one after the other, until whoever writes them is not believed any more. */
const mostNonsense = 1_048_576;

/**
 * Cuts what comes from a socket into lines. A line that is too long is left out, and not kept while it comes. Lines end
 * in CR LF, and whatever is no printable text in them is taken away.
 */
export class Lines {
  readonly #take: (line: string) => boolean;
  #rest: Buffer[] = [];
  #length = 0;
  #tooLong = false;
  #nonsense = 0;

  /** @param take answers whether the line meant anything */
  constructor(take: (line: string) => boolean) {
    this.#take = take;
  }

  /** Throws when the other side has been talking nonsense for too long. */
  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#add(chunk.subarray(start, end));
      this.#end();
      start = end + 1;
    }
    this.#add(chunk.subarray(start));
  }

  #add(part: Buffer): void {
    if (this.#length + part.length > longestLine) {
      this.#tooLong = true;
      this.#rest = [];
    }
    this.#length += part.length;
    if (this.#tooLong) this.#count(part.length);
    else if (part.length > 0) this.#rest.push(part);
  }

  #end(): void {
    const bytes = this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest);
    const text = bytes.toString('utf8').replaceAll(/[\x00-\x1f\x7f]/g, '');
    const length = this.#tooLong ? 0 : this.#length;
    this.#rest = [];
    this.#length = 0;
    this.#tooLong = false;
    if (text !== '' && this.#take(text)) this.#nonsense = 0;
    else this.#count(length + 1);
  }

  #count(bytes: number): void {
    this.#nonsense += bytes;
    if (this.#nonsense > mostNonsense) throw new Error('it does not speak the management protocol');
  }
}
