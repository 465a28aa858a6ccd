/** What a supplicant's scan found, of one access point. */
export interface Station {
  bssid: string;
  /** Printable ASCII: other bytes as `\xNN`, as wpa_supplicant writes them. Whoever sends it may call itself anything. */
  ssid: string;
  /** MHz. */
  frequency: number;
  /** dBm. */
  signal: number;
  /** As wpa_supplicant writes them: `[WPA2-PSK-CCMP][ESS]`. */
  flags: string;
}

/** What the interface is connected to. Of a cable (802.1X) `ssid` is empty, `bssid` the address of the authenticators. */
export interface Connection {
  ssid: string;
  bssid: string;
  /** Of the network in the supplicant's configuration: it may choose the logical interface. */
  id_str: string;
}

declare module 'netconf/plugin' {
  interface Events {
    /** A scan has ended. `stations` has the strongest 32. */
    'wifi.scan': { found: number; stations: Station[] };
    /** The access point has taken the interface in; keys are not yet agreed upon. */
    'wifi.associated': { bssid: string };
    /** All keys are there: traffic may flow. Also after a change to another access point. */
    'wifi.connected': Connection;
    /** It was connected, and is no more. `reason`: IEEE 802.11, 9.4.1.7; 0 where nobody knows. */
    'wifi.disconnected': Connection & { reason: number; local: boolean };
    /** The other side refuses: `WRONG_KEY`, `EAP`, `SAE`, or wpa_supplicant's own word. Never for what is out of range. */
    'wifi.auth-failed': { ssid: string; reason: string };
    /** The signal has passed the threshold that is configured. dBm; `rate` in kbit/s. */
    'wifi.signal': { signal: number; above: boolean; noise?: number; rate?: number };
  }
}
