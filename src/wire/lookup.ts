import type { LookupFunction } from "node:net";
import { RiptideError } from "../core/errors.ts";
import { addressProblem } from "./address.ts";
import type { EndpointPolicy } from "./http.ts";

/** The system's own lookup, in the shape `net.connect` wants. */
export const systemLookup: LookupFunction = (hostname, options, callback) =>
  process.getBuiltinModule("node:dns").lookup(hostname, options, callback);

/**
 * A lookup that hands out only addresses the policy allows (H-6). It runs at connect time, so that a name
 * cannot point elsewhere between check and use.
 */
export function guardedLookup(lookup: LookupFunction, policy: EndpointPolicy): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      const addresses = typeof found === "string" ? [found] : found.map(({ address }) => address);
      const refused = addresses.find((address) => addressProblem(hostname, address, policy));
      if (refused === undefined) return callback(null, found, family);
      const message = `${hostname} leads to ${refused}, which ${addressProblem(hostname, refused, policy)}`;
      callback(new RiptideError("connect_failed", message, { phase: "policy", action: "next" }), "", 0);
    });
}
