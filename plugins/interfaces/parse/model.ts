import type { Options } from './options.ts';
import { type Place, placeText } from './place.ts';

/** What interfaces(5) files say, with all that they include. Names and values are as written. */
export interface Interfaces {
  /** Interfaces and patterns of `auto` (under `auto`) and `allow-CLASS`, each once, in their order. */
  classes: Map<string, string[]>;
  stanzas: InterfaceStanza[];
  mappings: Mapping[];
  /** Patterns of fnmatch(3). */
  noAutoDown: string[];
  noScripts: string[];
  /** `CUR=NEW`, CUR a name or a pattern. */
  rename: string[];
  /** A stanza, or the caller, sees to the loopback interface: then nothing is done for it by itself. */
  ownLoopback: boolean;
}

export interface InterfaceStanza {
  /** The logical interface. */
  name: string;
  family: string;
  method: string;
  options: Options;
  place: Place;
}

export interface Mapping {
  /** Patterns of fnmatch(3). */
  patterns: string[];
  script?: string;
  /** What the script gets on its standard input. */
  map: string[];
  place: Place;
}

/** Something to tell: with a place, `FILE:LINE: message`. */
export interface Notice {
  /**
   * `hint`: for those who check a file; ifupdown says nothing. `trace`: what is being read, for `--verbose`.
   * `warning`: passed over. `error`: the rest of the file is not read.
   */
  level: 'hint' | 'trace' | 'warning' | 'error';
  message: string;
  place?: Place;
}

/** As ifupdown prints it, without the program's name before it. */
export function noticeText({ message, place }: Notice): string {
  return place === undefined ? message : `${placeText(place)}: ${message}`;
}
