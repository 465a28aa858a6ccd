import { constants } from 'node:os';
import { NetconfError } from '../base/errors.ts';
import { numberOf, textOf } from './text/fields.ts';
import { decode } from './wire/message.ts';

const errnoNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number as number, name]));

/** The kernel refused a request. `text` is its extended acknowledgement, `offset` what in the request it is about. */
export class NetlinkError extends NetconfError {
  readonly errno: number;
  readonly errnoName: string;
  readonly text: string | undefined;
  readonly offset: number | undefined;

  constructor(errno: number, text?: string, offset?: number) {
    const name = errnoNames.get(errno) ?? `errno ${errno}`;
    super('Netlink', text === undefined ? name : `${name}: ${text}`);
    this.errno = errno;
    this.errnoName = name;
    this.text = text;
    this.offset = offset;
  }
}

/** The error that an NLMSG_ERROR or NLMSG_DONE carries; undefined for an acknowledgement. */
export function errorOf(bytes: Uint8Array): NetlinkError | undefined {
  const message = decode(bytes);
  const errno = -(message.header.error ?? 0);
  if (errno <= 0) return undefined;
  return new NetlinkError(errno, textOf(message.attributes, 'msg'), numberOf(message.attributes, 'offs'));
}
