/** An address without the slash and the `/v1` that people put at its end where a vendor's origin is meant. */
export const originOf = (address: string): string => address.replace(/\/+$/, "").replace(/\/v1$/, "");
