/** Tells configurations apart: by a number that their author raises, and by a digest of what they say. */
export interface ConfigurationMark {
  readonly revision: number;
  readonly hash: string;
}

/** What is to be stored by whom this leads: one and the same configuration keeps its highest revision. */
export function leadsAs(own: ConfigurationMark, stored: ConfigurationMark | undefined): ConfigurationMark {
  return stored?.hash === own.hash && stored.revision >= own.revision ? stored : own;
}

/** Whether a process that is configured as `own` may lead a namespace that was led as `stored` last. */
export function mayLead(own: ConfigurationMark, stored: ConfigurationMark | undefined): boolean {
  return stored === undefined || own.revision > stored.revision || own.hash === stored.hash;
}
