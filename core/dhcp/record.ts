/** What one run of the report script wrote: the environment that a DHCP client gave it. */
export interface Record {
  /** Values by name; null for one that is no UTF-8, or has control characters. */
  variables: ReadonlyMap<string, string | null>;
  /** `$1` of the script. */
  argument: string;
  /** Process id of what ran the script: the client, or a process of it. */
  parent: number | undefined;
  /** The start of the machine and the network namespace that it holds for, as `startId` has them; empty where unknown. */
  start: string;
}

/** Bytes: a DHCPv4 message of the largest size, thrice, in the longest way to write it. */
export const longestRecord = 1 << 20;
const mostVariables = 4096;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads `NAME=VALUE`, each with a NUL behind it. What has no name that a shell could give is left out. */
export function parseRecord(bytes: Uint8Array): Record {
  const variables = new Map<string, string | null>();
  for (let start = 0; start < bytes.length && variables.size < mostVariables; ) {
    const found = bytes.indexOf(0, start);
    const end = found < 0 ? bytes.length : found;
    const equals = bytes.indexOf(0x3d, start);
    if (equals > start && equals < end) {
      const name = Buffer.from(bytes.subarray(start, equals)).toString('latin1');
      // As with getenv(3), the first of a name counts.
      if (/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) && !variables.has(name))
        variables.set(name, textOf(bytes.subarray(equals + 1, end)));
    }
    start = end + 1;
  }
  const parent = Number(variables.get('NETCONF_DHCP_PARENT'));
  return {
    variables,
    argument: variables.get('NETCONF_DHCP_ARGUMENT') ?? '',
    parent: Number.isSafeInteger(parent) && parent > 0 ? parent : undefined,
    start: variables.get('NETCONF_DHCP_START') ?? '',
  };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = decoder.decode(bytes);
    return /[\x00-\x1f\x7f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}
