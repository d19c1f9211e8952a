/** Which models and providers a tenant may use. Patterns may hold `*`; an empty `allow` allows all, `deny` wins. */
export interface Access {
  /** Patterns over the alias that was asked for and over `provider/model`. */
  readonly models: AccessList;
  /** Patterns over provider ids. */
  readonly providers: AccessList;
  /** The targets of each alias, which an allowed alias opens. */
  readonly aliases: Readonly<Record<string, { readonly targets: readonly AccessTarget[] }>>;
}

interface AccessList {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

interface AccessTarget {
  readonly provider: string;
  readonly model: string;
}

/**
 * Why a tenant may not use a target; undefined when it may (TA-8). To be asked for every target a request could go to,
 * after its alias was resolved.
 *
 * An alias in the allow-list opens the targets that the configuration gives it, so whoever may use `default` need not
 * know what is behind it. It opens nothing else: a target that the caller adds to it by a flag has to be allowed by
 * itself. An alias that is not in the list still reaches those of its targets that are. What is denied stays denied
 * behind any alias, and a denied alias opens nothing.
 * @param alias The alias that was resolved; null for a target named outright.
 */
export function deniesTarget(
  { models, providers, aliases }: Access,
  { provider, model, alias }: AccessTarget & { readonly alias: string | null },
): string | undefined {
  const name = `${provider}/${model}`;
  if (matches(providers.deny, provider)) return `provider ${provider} is denied`;
  if (providers.allow.length > 0 && !matches(providers.allow, provider)) {
    return `provider ${provider} is not among those allowed: ${listText(providers.allow)}`;
  }
  if (matches(models.deny, name)) return `model ${name} is denied`;
  if (alias !== null && matches(models.deny, alias)) return `alias ${alias} is denied`;
  const isOpened =
    alias !== null && opens(aliases, alias, { provider, model }) && matches(models.allow, alias);
  if (models.allow.length === 0 || isOpened || matches(models.allow, name)) return undefined;
  return `model ${name} is not among those allowed: ${listText(models.allow)}`;
}

function opens(aliases: Access["aliases"], alias: string, target: AccessTarget): boolean {
  const targets = Object.hasOwn(aliases, alias) ? (aliases[alias]?.targets ?? []) : [];
  return targets.some(({ provider, model }) => provider === target.provider && model === target.model);
}

const matches = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matchesGlob(pattern, name));

/** Whether the whole name fits a pattern in which only `*` is special. The parts are found from left to right, once each. */
function matchesGlob(pattern: string, name: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return name === pattern;
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
  const inner = name.slice(head.length, name.length - tail.length);
  let at = 0;
  return rest.every((part) => {
    const found = inner.indexOf(part, at);
    at = found + part.length;
    return found !== -1;
  });
}

const SHOWN_PATTERNS = 8;

const listText = (patterns: readonly string[]): string =>
  patterns.length > SHOWN_PATTERNS
    ? `${patterns.slice(0, SHOWN_PATTERNS).join(", ")}, …`
    : patterns.join(", ");
