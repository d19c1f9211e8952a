import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** A private authority and what it signed, for TLS servers on loopback. */
export interface Certificates {
  /** PEM of the authority. */
  readonly ca: string;
  readonly good: KeyPair;
  readonly expired: KeyPair;
  readonly wrongHost: KeyPair;
  readonly selfSigned: KeyPair;
}

const OPENSSL = "openssl";

export const hasOpenssl = (() => {
  try {
    execFileSync(OPENSSL, ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Makes a fresh set with openssl; no key is ever checked in. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "riptide-tls-"));
  const openssl = (...args: string[]) => execFileSync(OPENSSL, args, { cwd: folder, stdio: "ignore" });
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const selfSign = (name: string, subject: string, extension: string) =>
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
      "-days",
      "2",
      "-subj",
      subject,
      "-addext",
      extension,
    );
  const sign = (name: string, names: string, days: string): KeyPair => {
    openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\n`);
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      days,
      "-extfile",
      `${name}.ext`,
      "-out",
      `${name}.pem`,
    );
    return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
  };
  try {
    const loopback = "DNS:localhost,DNS:api.example.com,IP:127.0.0.1";
    selfSign("ca", "/CN=RipTide test authority", "keyUsage=critical,keyCertSign");
    selfSign("self", "/CN=localhost", `subjectAltName=${loopback}`);
    return {
      ca: read("ca.pem"),
      good: sign("good", loopback, "2"),
      expired: sign("expired", loopback, "-1"),
      wrongHost: sign("other", "DNS:other.example", "2"),
      selfSigned: { key: read("self.key"), cert: read("self.pem") },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
