/** A `dhcp.*` event in one line: `inet dhclient BOUND 192.0.2.54/24 via 192.0.2.1 for 120 s`. */
export function summaryOfReport(data: Readonly<Record<string, unknown>>): string {
  const words = [data.family, data.client, data.reason].map(text);
  if (isObject(data.lease)) words.push(...summaryOfLease(data.lease));
  else if (isObject(data.old)) words.push('was', ...summaryOfLease(data.old));
  const refused = list(data.refused).map(each => (isObject(each) ? text(each.option) : ''));
  if (refused.length > 0) words.push(`(refused: ${refused.join(', ')})`);
  return words.filter(word => word !== '').join(' ');
}

function summaryOfLease(lease: Readonly<Record<string, unknown>>): string[] {
  const words: string[] = [];
  if (lease.address !== undefined) words.push(`${text(lease.address)}/${text(lease.prefixlen)}`);
  for (const each of list(lease.addresses))
    if (isObject(each)) words.push(`${text(each.address)}/${text(each.prefixlen)}`);
  for (const each of list(lease.prefixes)) if (isObject(each)) words.push(`prefix ${text(each.prefix)}`);
  const [router] = list(lease.routers);
  if (router !== undefined) words.push(`via ${text(router)}`);
  if (lease.lease !== undefined) words.push(`for ${text(lease.lease)} s`);
  return words;
}

const text = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
