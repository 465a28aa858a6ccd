import { readFileSync } from 'node:fs';

/** linux/if_addr.h */
const IFA_F_TENTATIVE = 0x40;
const IFA_F_DADFAILED = 0x08;
const scopeLink = '20';

/** Has the interface a link-local IPv6 address that can be used? A DHCPv6 client sends from there (RFC 8415). */
function hasLinkLocal(on: string): boolean {
  let text: string;
  try {
    text = readFileSync('/proc/net/if_inet6', 'utf8');
  } catch {
    return false;
  }
  return text.split('\n').some(line => {
    const [, , , scope, flags = '', name] = line.trim().split(/\s+/);
    const usable = (Number.parseInt(flags, 16) & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) === 0;
    return name === on && scope === scopeLink && usable;
  });
}

/** Waits for one; false when there is none after so long. */
export async function awaitLinkLocal(on: string, ms: number, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + ms;
  while (!hasLinkLocal(on)) {
    if (signal.aborted || performance.now() >= end) return false;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return true;
}
