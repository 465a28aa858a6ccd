import type { Station } from './events.ts';

/** What wpa_supplicant tells of its own accord, as far as it matters here; wpa_ctrl.h has the whole list. */
export type Message =
  | { kind: 'connected'; bssid: string; idStr: string }
  | { kind: 'disconnected'; bssid: string; reason: number; local: boolean }
  | { kind: 'associated'; bssid: string }
  | { kind: 'disabled'; ssid: string; reason: string }
  | { kind: 'started' }
  | { kind: 'rejected'; by: 'SAE' | 'EAP' | 'association'; status?: number }
  | { kind: 'not-found' }
  | { kind: 'scanned' }
  | { kind: 'signal'; signal: number; above: boolean; noise?: number; rate?: number }
  | { kind: 'terminating' };

const mac = '([0-9a-f]{2}(?::[0-9a-f]{2}){5})';

const readers: readonly [RegExp, (found: RegExpExecArray) => Message | undefined][] = [
  [
    new RegExp(
      `^CTRL-EVENT-CONNECTED - Connection to ${mac} completed \\[id=-?\\d+ id_str=(.*?)\\](?: .*)?$`,
      's',
    ),
    ([, bssid, idStr]) => ({ kind: 'connected', bssid: bssid!, idStr: idStr! }),
  ],
  [
    new RegExp(`^CTRL-EVENT-DISCONNECTED bssid=${mac} reason=(\\d{1,5})(?: (.*))?$`, 's'),
    ([, bssid, reason, rest]) => ({
      kind: 'disconnected',
      bssid: bssid!,
      reason: Number(reason),
      local: rest?.includes('locally_generated=1') === true,
    }),
  ],
  [new RegExp(`^Associated with ${mac}`), ([, bssid]) => ({ kind: 'associated', bssid: bssid! })],
  [
    /^CTRL-EVENT-SSID-TEMP-DISABLED id=\d+ ssid="(.*)" auth_failures=\d+ duration=\d+ reason=([A-Z_]{1,32})/s,
    ([, ssid, reason]) => ({ kind: 'disabled', ssid: ssid!, reason: reason! }),
  ],
  [/^CTRL-EVENT-EAP-STARTED\b/, () => ({ kind: 'started' })],
  [/^CTRL-EVENT-EAP-FAILURE\b/, () => ({ kind: 'rejected', by: 'EAP' })],
  [
    // Authentication algorithm 3 is SAE (IEEE 802.11, 9.4.1.1).
    /^CTRL-EVENT-AUTH-REJECT \S+ auth_type=3 auth_transaction=\d+ status_code=(\d{1,5})/,
    ([, status]) => ({ kind: 'rejected', by: 'SAE', status: Number(status) }),
  ],
  [
    /^CTRL-EVENT-ASSOC-REJECT (?:.* )?status_code=(\d{1,5})/,
    ([, status]) => ({ kind: 'rejected', by: 'association', status: Number(status) }),
  ],
  [/^CTRL-EVENT-NETWORK-NOT-FOUND\b/, () => ({ kind: 'not-found' })],
  [/^CTRL-EVENT-SCAN-RESULTS\b/, () => ({ kind: 'scanned' })],
  [
    /^CTRL-EVENT-SIGNAL-CHANGE above=([01]) signal=(-?\d{1,4}) noise=(-?\d{1,4}) txrate=(\d{1,9})/,
    ([, above, signal, noise, rate]) => ({
      kind: 'signal',
      signal: Number(signal),
      above: above === '1',
      // 9999: the driver does not know (WPA_INVALID_NOISE).
      ...(Math.abs(Number(noise)) < 200 && { noise: Number(noise) }),
      ...(Number(rate) > 0 && { rate: Number(rate) }),
    }),
  ],
  [/^CTRL-EVENT-TERMINATING\b/, () => ({ kind: 'terminating' })],
];

/** Reads one `<N>EVENT …`; undefined for what is none, or none that matters. */
export function readMessage(text: string): Message | undefined {
  const [, body] = /^<\d{1,2}>(.*)$/s.exec(text) ?? [];
  if (body === undefined) return undefined;
  for (const [pattern, read] of readers) {
    const found = pattern.exec(body);
    if (found !== null) return read(found);
  }
  return undefined;
}

/** Lines of `name=value`: what STATUS answers. Of a name that comes twice the first counts. */
export function readPairs(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0 && !pairs.has(line.slice(0, at))) pairs.set(line.slice(0, at), line.slice(at + 1));
  }
  return pairs;
}

/** What SCAN_RESULTS answers: a heading, and a line with tabs for each access point. */
export function readStations(text: string): Station[] {
  const line = new RegExp(`^${mac}\\t(\\d{1,6})\\t(-?\\d{1,4})\\t([^\\t]*)\\t(.*)$`);
  return text.split('\n').flatMap(each => {
    const [, bssid, frequency, signal, flags, ssid] = line.exec(each) ?? [];
    if (bssid === undefined) return [];
    return [
      {
        bssid,
        ssid: printable(ssid!),
        frequency: Number(frequency),
        signal: Number(signal),
        flags: printable(flags!),
      },
    ];
  });
}

/** Networks that LIST_NETWORKS names, each with whether it is disabled. */
export function readNetworks(text: string): { id: number; disabled: boolean }[] {
  return text.split('\n').flatMap(line => {
    const [, id, flags] = /^(\d{1,9})\t.*?\t[^\t]*\t?(\S*)$/.exec(line) ?? [];
    return id === undefined ? [] : [{ id: Number(id), disabled: flags!.includes('[DISABLED]') }];
  });
}

/** What somebody else has chosen, for events and messages: printable ASCII, other bytes as `\xNN`, not too long. */
export function printable(text: string, longest = 256): string {
  return text
    .slice(0, longest)
    .replace(/[^\x20-\x7e]/g, each => `\\x${(each.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`);
}
