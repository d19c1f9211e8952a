/** What a translation could not keep of the caller's own words. */
export interface Losses {
  /** Something was left out or changed, so that only the caller's own words say all of it. */
  isLossy: boolean;
  /** Names of what no other vendor can be told. */
  readonly untranslatable: Set<string>;
}

export const noLosses = (): Losses => ({ isLossy: false, untranslatable: new Set() });

/** Notes what a part holds besides what is translated; `null` and an empty list say the same as nothing. */
export function noteExtras(losses: Losses, part: object, translated: readonly string[]): void {
  if (losses.isLossy) return;
  losses.isLossy = Object.entries(part).some(([name, value]) => !translated.includes(name) && says(value));
}

const says = (value: unknown) => value !== null && !(Array.isArray(value) && value.length === 0);

export function noteUntranslatable(losses: Losses, what: string): void {
  losses.isLossy = true;
  losses.untranslatable.add(what);
}
