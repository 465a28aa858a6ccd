import 'netconf/plugin';

declare module 'netconf/plugin' {
  interface Events {
    /** The rules are in force: at the start, and whenever they have changed. */
    'firewall.applied': FirewallApplied;
    /** They are not; those of before are. */
    'firewall.failed': FirewallFailed;
  }
}

export interface FirewallApplied {
  /** How many; none: there is no firewall any more. */
  networks: number;
  rules: number;
  /** Whose they are. */
  plugins: string[];
  /** False: the kernel had them already. */
  changed: boolean;
}

export interface FirewallFailed {
  /** FILE:LINE:COLUMN of the rule or network; null where it is none of them. */
  place: string | null;
  message: string;
  /** How many more things are wrong: the log names each. */
  more: number;
}
