import type { Socket } from "node:net";
import { RiptideError } from "../core/errors.ts";
import { hostOf } from "./address.ts";
import type { EndpointPolicy } from "./http.ts";

/**
 * The proxy an endpoint is reached through, or undefined. Plain http goes direct: it is only allowed to
 * machines nearby, which a proxy could not reach.
 *
 * @throws RiptideError `config_invalid` when the proxy's URL is unusable
 */
export function proxyFor(endpoint: URL, { proxy }: EndpointPolicy): URL | undefined {
  if (!proxy?.url || endpoint.protocol !== "https:" || isExempt(endpoint, proxy.noProxy)) return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy.url) ? proxy.url : `http://${proxy.url}`;
  const url = URL.parse(text);
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new RiptideError("config_invalid", "HTTPS_PROXY is not an http address");
}

/** NO_PROXY: hosts, `.suffixes` of hosts, also written `*.suffix`, either with `:port`, or `*`; separated by commas or spaces. */
function isExempt(endpoint: URL, noProxy: string): boolean {
  const host = hostOf(endpoint);
  const port = endpoint.port || "443";
  return noProxy.split(/[\s,]+/).some((entry) => {
    const [, bracketed, plain, only] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
    const name = (bracketed ?? plain ?? "").toLowerCase().replace(/^\*(?=\.)/, "");
    if (name === "" || (only !== undefined && only !== port)) return false;
    return name === "*" || name === host || (name.startsWith(".") && host.endsWith(name));
  });
}

/** Asks the proxy at the other end of a connection to pass bytes on to the endpoint. */
export function openTunnel(socket: Socket, proxy: URL, endpoint: URL): Promise<Socket> {
  const authority = `${endpoint.hostname}:${endpoint.port || "443"}`;
  return new Promise((resolve, reject) => {
    const connect = process.getBuiltinModule("node:http").request({
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...authorisation(proxy) },
      createConnection: () => socket,
    });
    const refused = (status: number | undefined) =>
      reject(
        new RiptideError("connect_failed", `the proxy ${proxy.host} refused with status ${status}`, {
          phase: "connect",
          action: "next",
        }),
      );
    connect.once("response", (response) => refused(response.statusCode));
    connect.once("connect", (response, tunnel: Socket, early) => {
      if (response.statusCode !== 200) return refused(response.statusCode);
      if (early.length > 0) tunnel.unshift(early);
      resolve(tunnel);
    });
    connect.on("error", reject);
    connect.end();
  });
}

function authorisation({ username, password }: URL): Readonly<Record<string, string>> {
  if (!username && !password) return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}
