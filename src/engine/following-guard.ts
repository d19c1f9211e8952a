import { RiptideError } from "../core/errors.ts";
import type { Candidate } from "./candidates.ts";
import type { Closed, Guard, Pass } from "./guard.ts";
import type { LiveGuard } from "./live-guard.ts";

/** A guard that goes along when the configuration changes. */
export interface FollowingGuard extends Guard {
  /**
   * From now on these are the providers and their endpoints. What is known of an endpoint that stays is kept; one that
   * changed begins anew, and a provider that is gone is asked no more (HR-6, CB-11).
   * @param endpoints by provider, for those that can be used
   * @param providers all that are configured
   */
  follow(endpoints: ReadonlyMap<string, string>, providers: readonly string[]): void;
}

/**
 * Operations that began on an older configuration go on with its endpoints: what comes of these is no news of those that
 * took their place. A refused key must not hold the provider that has just got a new one.
 */
export function followingGuard(guard: LiveGuard): FollowingGuard {
  let known: ReadonlyMap<string, string> = new Map();
  let configured: ReadonlySet<string> | undefined;
  const isFormer = ({ provider, loaded }: Candidate): boolean => {
    const now = known.get(provider);
    return now !== undefined && now !== loaded.endpoint;
  };
  const isGone = ({ provider }: Candidate): boolean => configured !== undefined && !configured.has(provider);
  return {
    ...guard,
    refresh(candidates, kind, ask) {
      const present = candidates.filter((candidate) => !isFormer(candidate) && !isGone(candidate));
      return guard.refresh(present, kind, ask);
    },
    refusal(candidate, kind) {
      if (isGone(candidate)) return gone(candidate);
      return isFormer(candidate) ? null : guard.refusal(candidate, kind);
    },
    enter(candidate, kind, limitMs) {
      if (isGone(candidate)) return gone(candidate);
      if (isFormer(candidate)) return UNCOUNTED;
      const pass = guard.enter(candidate, kind, limitMs);
      if (!("end" in pass)) return pass;
      // The configuration may change before it ends.
      const passNow = () => (isFormer(candidate) || isGone(candidate) ? UNCOUNTED : pass);
      return { committed: () => passNow().committed(), end: (outcome) => passNow().end(outcome) };
    },
    hold(held) {
      if (known.get(held.provider) === held.endpoint) guard.hold(held);
    },
    follow(endpoints, providers) {
      const next = new Set(providers);
      for (const [provider, endpoint] of known) {
        const now = endpoints.get(provider);
        const isChanged = now !== undefined && now !== endpoint;
        if (isChanged || !next.has(provider)) guard.forget(provider);
      }
      // One that cannot be used for the moment is still the same endpoint when it comes back.
      const kept = [...known].filter(([provider]) => next.has(provider));
      known = new Map([...kept, ...endpoints]);
      configured = next;
    },
  };
}

const UNCOUNTED: Pass = {
  committed: () => {},
  end: () => ({ effect: "ignored", trial: false, holdUntilMs: null }),
};

/** It ends with the next request, which knows the provider no more. */
function gone({ provider }: Candidate): Closed {
  const error = new RiptideError("no_provider_available", `${provider} is no longer in the configuration`);
  return {
    reason: "disabled",
    error,
    untilMs: Number.POSITIVE_INFINITY,
    untilWallMs: Number.POSITIVE_INFINITY,
  };
}
