/**
 * May secrets be sent there? Over https, and in plain http to this machine or to hosts named as next door. URL
 * parsing has made the spelling of the host uniform.
 */
export function mayTakeSecrets({ protocol, hostname }: URL, nextDoor: readonly string[] = []): boolean {
  if (protocol === "https:") return true;
  const isHere = hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return protocol === "http:" && (isHere || nextDoor.includes(hostname));
}
