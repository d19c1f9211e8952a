/** What a unit is made of. */
export interface UnitFacts {
  /** Absolute paths: of Node, and of the launcher. */
  readonly node: string;
  readonly launcher: string;
  /** What follows `daemon run`. */
  readonly flags: readonly string[];
  /** Where the daemon has to write: state, and the folder of the socket. */
  readonly writable: readonly string[];
  readonly socket: string;
  readonly activated: boolean;
}

/**
 * What a daemon is started with where nothing else is said. Each thread of V8 fills an arena of glibc's malloc(3) that is
 * never given back: with one for all, a daemon that has served a crowd takes 15 to 20 MB less.
 */
export const DAEMON_VARIABLES = { MALLOC_ARENA_MAX: "1" } as const;

/** The daemon as a systemd user service, with no more rights than it needs (F-6; systemd.exec(5)). */
export function systemdService({ node, launcher, flags, writable, activated }: UnitFacts): string {
  const command = [node, launcher, "daemon", "run", ...flags].map(systemdWord).join(" ");
  return `[Unit]
Description=riptide daemon
Documentation=man:riptide(1)
After=network-online.target
${activated ? "Requires=riptide.socket\n" : ""}
[Service]
Type=notify
NotifyAccess=all
${Object.entries(DAEMON_VARIABLES)
  .map(([name, value]) => `Environment=${name}=${value}\n`)
  .join("")}ExecStart=${command}
ExecReload=/bin/kill -HUP $MAINPID
KillSignal=SIGTERM
TimeoutStopSec=30
Restart=on-failure
RestartPreventExitStatus=2 3
UMask=0077
LimitCORE=0
LimitNOFILE=65536
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${writable.map((path) => systemdWord(`-${path}`)).join(" ")}
PrivateTmp=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6

[Install]
WantedBy=default.target
`;
}

/** The socket that systemd listens on until the first caller comes. */
export const systemdSocket = ({ socket }: UnitFacts): string => `[Unit]
Description=riptide socket

[Socket]
ListenStream=${systemdText(socket)}
SocketMode=0600
DirectoryMode=0700
Backlog=4096

[Install]
WantedBy=sockets.target
`;

/** The daemon as a launchd agent (launchd.plist(5)). */
export function launchdAgent({ node, launcher, flags }: UnitFacts): string {
  const words = [node, launcher, "daemon", "run", ...flags];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>riptide</string>
  <key>ProgramArguments</key>
  <array>
${words.map((word) => `    <string>${xmlText(word)}</string>`).join("\n")}
  </array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>Umask</key><integer>63</integer>
  <key>HardResourceLimits</key><dict><key>Core</key><integer>0</integer></dict>
</dict>
</plist>
`;
}

/** `%` begins a specifier and `$` a variable (systemd.service(5)). */
const systemdText = (text: string) => text.replaceAll("%", "%%");

function systemdWord(text: string): string {
  const safe = systemdText(text).replaceAll("$", "$$$$");
  return /^[\w./:@%+=,$-]+$/.test(safe) ? safe : `"${safe.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

const xmlText = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
