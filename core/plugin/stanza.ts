/** What a source says of an interface: a stanza of interfaces(5), or its like in another file. */
export interface Stanza {
  /** Address family, in the words of interfaces(5): `inet`, `inet6`, `can`. */
  family: string;
  /** `static`, `dhcp`, `manual`…: what scripts see as METHOD. */
  method: string;
  /** The step that does the method's work (`Static`, `DHCP`…), with its `[cfg]` section's parameters and outcomes. */
  step: string;
  /** In the order of the file; a name may come several times. Names as written, `-` and all. */
  options: readonly StanzaOption[];
  /** FILE:LINE, for messages. */
  place?: string;
  /** Of several of the interface that have family, method and step in common: 2 for the second. The core counts. */
  nth?: number;
  /** The name that mappings led to: what scripts see as LOGICAL. @default the operation's */
  logical?: string;
}

/** `place` of what the configuration says of the interface: FILE:LINE:COLUMN. Others stand where the stanza does. */
export type StanzaOption = readonly [name: string, value: string, place?: string];

/** A stanza that a source knows, whether anybody asks for its interface or not. */
export interface KnownStanza {
  /** The logical interface that it is about. */
  logical: string;
  /** Those that declare an interface of this name: `auto`, `hotplug`, and what else `allow-CLASS` says. */
  classes: readonly string[];
  stanza: Stanza;
  /**
   * Added by the plugin that makes the link of such a stanza: on which other link it stands, if on any, and which links
   * are to be its members, as far as they are named.
   */
  makes?: { on?: string; members?: readonly string[] };
  /** Added by the plugin that lets it join: the bond, bridge or VRF that it names. */
  memberOf?: string;
}
