/**
 * How an option of interfaces(5) becomes a variable of a network in the supplicant, by the rules of functions.sh in Debian's
 * wpasupplicant. `text`: within quotation marks. `raw`: as it is. `key`: raw where it is 64 hexadecimal digits. `wep`: raw
 * where it is 10, 26, 32 or 58.
 */
export interface Variable {
  option: string;
  variable: string;
  kind: 'text' | 'raw' | 'key' | 'wep';
  /** Never shown to anybody. */
  secret?: true;
  /** Some supplicants do not know it any more: they may refuse it. */
  old?: true;
}

function variable(
  kind: Variable['kind'],
  option: string,
  marks: Pick<Variable, 'secret' | 'old'> = {},
): Variable {
  const name = option.slice('wpa-'.length).replaceAll('-', '_');
  return { option, variable: name, kind, ...marks };
}

const secret = { secret: true } as const;
const old = { old: true } as const;

/** In the order in which functions.sh sets them; then what it does not have, and people need today. */
export const variables: readonly Variable[] = [
  variable('raw', 'wpa-priority'),
  variable('raw', 'wpa-bssid'),
  variable('key', 'wpa-psk', secret),
  variable('raw', 'wpa-pairwise'),
  variable('raw', 'wpa-group'),
  variable('raw', 'wpa-mode'),
  variable('raw', 'wpa-frequency'),
  variable('raw', 'wpa-scan-freq'),
  variable('raw', 'wpa-freq-list'),
  variable('raw', 'wpa-key-mgmt'),
  variable('raw', 'wpa-proto'),
  variable('raw', 'wpa-auth-alg'),
  variable('raw', 'wpa-scan-ssid'),
  variable('text', 'wpa-identity'),
  variable('text', 'wpa-anonymous-identity'),
  variable('raw', 'wpa-eap'),
  variable('raw', 'wpa-eappsk', { secret: true, old: true }),
  variable('text', 'wpa-nai', old),
  variable('text', 'wpa-password', secret),
  variable('text', 'wpa-ca-cert'),
  variable('text', 'wpa-ca-path'),
  variable('text', 'wpa-client-cert'),
  variable('text', 'wpa-private-key'),
  variable('text', 'wpa-private-key-passwd', secret),
  variable('text', 'wpa-dh-file'),
  variable('text', 'wpa-subject-match'),
  variable('text', 'wpa-altsubject-match'),
  variable('text', 'wpa-ca-cert2'),
  variable('text', 'wpa-ca-path2'),
  variable('text', 'wpa-client-cert2'),
  variable('text', 'wpa-private-key2'),
  // functions.sh has the name of the variable wrong.
  { option: 'wpa-private-key-passwd2', variable: 'private_key2_passwd', kind: 'text', secret: true },
  variable('text', 'wpa-dh-file2'),
  variable('text', 'wpa-subject-match2'),
  variable('text', 'wpa-altsubject-match2'),
  variable('raw', 'wpa-eap-methods', old),
  variable('text', 'wpa-phase1'),
  variable('text', 'wpa-phase2'),
  variable('raw', 'wpa-pcsc', old),
  variable('text', 'wpa-pin', secret),
  variable('raw', 'wpa-engine'),
  variable('text', 'wpa-engine-id'),
  variable('text', 'wpa-key-id'),
  variable('raw', 'wpa-eapol-flags'),
  variable('wep', 'wpa-wep-key0', secret),
  variable('wep', 'wpa-wep-key1', secret),
  variable('wep', 'wpa-wep-key2', secret),
  variable('wep', 'wpa-wep-key3', secret),
  variable('raw', 'wpa-wep-tx-keyidx'),
  variable('raw', 'wpa-proactive-key-caching', old),
  variable('text', 'wpa-pac-file'),
  variable('raw', 'wpa-peerkey', old),
  variable('raw', 'wpa-fragment-size'),
  variable('text', 'wpa-id-str'),
  variable('text', 'wpa-sae-password', secret),
  variable('raw', 'wpa-ieee80211w'),
  variable('raw', 'wpa-group-mgmt'),
  variable('text', 'wpa-bgscan'),
  variable('text', 'wpa-domain-match'),
  variable('text', 'wpa-domain-suffix-match'),
  variable('raw', 'wpa-mac-addr'),
];

/** Options beside those of a network. `wpa-map` may have anything behind it. */
export const otherOptions: readonly string[] = [
  'wpa-ap-scan',
  'wpa-bridge',
  'wpa-conf',
  'wpa-country',
  'wpa-debug-level',
  'wpa-default-iface',
  'wpa-driver',
  'wpa-essid',
  'wpa-iface',
  'wpa-logfile',
  'wpa-maint-debug',
  'wpa-mapping-script',
  'wpa-mapping-script-priority',
  'wpa-passphrase',
  'wpa-passphrase-file',
  'wpa-preauthenticate',
  'wpa-psk-file',
  'wpa-roam',
  'wpa-roam-default-iface',
  'wpa-roam-maint-debug',
  'wpa-ssid',
  'wpa-timeout',
  'wpa-verbosity',
];
