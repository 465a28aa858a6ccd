/** Address families by the names of ip(8). */
export function familyName(family: number): string {
  return families[family] ?? String(family);
}

const families: Readonly<Record<number, string>> = {
  0: 'none',
  2: 'inet',
  7: 'bridge',
  10: 'inet6',
  17: 'link',
  28: 'mpls',
};
